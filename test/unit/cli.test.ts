import { describe, expect, it } from 'vitest'
import { HELP, parseCommandLine } from '../../src/cli.ts'

const parse = (line: string) => parseCommandLine(line.split(' ').filter(word => word !== ''))

describe('the command line', () => {
  it.each([
    ['', { name: 'serve' }],
    ['--check-config', { name: 'check-config' }],
    ['--help', { name: 'help' }],
    ['-h', { name: 'help' }],
    ['--version', { name: 'version' }],
    ['-v', { name: 'version' }],
    ['--help --version', { name: 'help' }],
    ['sandbox --help', { name: 'help' }],
    ['schema', { name: 'schema', kind: 'api' }],
    ['schema --api', { name: 'schema', kind: 'api' }],
    ['schema --federation', { name: 'schema', kind: 'federation' }],
    ['sandbox', { name: 'sandbox', rows: null, faults: null, port: 0 }],
    ['sandbox --rows rows.json', { name: 'sandbox', rows: 'rows.json', faults: null, port: 0 }],
    ['sandbox --faults faults.json', { name: 'sandbox', rows: null, faults: 'faults.json', port: 0 }],
    ['sandbox --port 8080', { name: 'sandbox', rows: null, faults: null, port: 8080 }],
    ['--port=0 sandbox --rows=a.json', { name: 'sandbox', rows: 'a.json', faults: null, port: 0 }],
  ])('reads %j', (line, command) => {
    expect(parse(line)).toEqual(command)
  })

  it.each([
    ['serve', "There is no command 'serve'; see --help."],
    ['schema federation', "'federation' is one argument too many; see --help."],
    ['schema --api --federation', 'Give --api or --federation, not both; see --help.'],
    ['schema --rows rows.json', '--rows does not go with schema; see --help.'],
    ['sandbox --api', '--api does not go with sandbox; see --help.'],
    ['sandbox --check-config', '--check-config does not go with sandbox; see --help.'],
    ['--port 4000', '--port does not go with serving; see --help.'],
    ['--nonsense', "Unknown option '--nonsense'; see --help."],
    ['--help=yes', "Option '-h, --help' does not take an argument; see --help."],
    ['sandbox --rows', "Option '--rows <value>' argument missing; see --help."],
    ['sandbox --rows=', '--rows must name a file; see --help.'],
    ['sandbox --faults=', '--faults must name a file; see --help.'],
    ['--faults faults.json', '--faults does not go with serving; see --help.'],
    ['sandbox --port -1', "Option '--port' argument is ambiguous; see --help."],
    ...['-1', '65536', '1e3', '0x10', '1.5', 'http', ''].map(port => [
      `sandbox --port=${port}`,
      `--port must be a whole number from 0 to 65535, and not '${port}'; see --help.`,
    ]),
  ])('says in one sentence what is wrong with %j', (line, message) => {
    expect(parse(line)).toEqual({ name: 'mistake', message })
  })

  it('helps with every command and option that it reads', () => {
    const words = [
      'sandbox',
      '--rows FILE',
      '--faults FILE',
      '--port N',
      'schema',
      '--api',
      '--federation',
      '--check-config',
      '--version',
    ]
    for (const word of words) expect(HELP).toContain(word)
  })
})
