import { describe, expect, it } from 'vitest'
import { HELP, parseCommandLine } from '../../src/parseCommandLine.ts'

const parse = (line: string) => parseCommandLine(line.split(' ').filter(word => word !== ''))

describe('parseCommandLine', () => {
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
    ['sandbox', { name: 'sandbox', rows: null, faults: null, port: 0, seed: 1, speed: 0 }],
    ['sandbox --rows rows.json', { name: 'sandbox', rows: 'rows.json', faults: null, port: 0, seed: 1, speed: 0 }],
    [
      'sandbox --faults faults.json',
      { name: 'sandbox', rows: null, faults: 'faults.json', port: 0, seed: 1, speed: 0 },
    ],
    ['sandbox --port 8080', { name: 'sandbox', rows: null, faults: null, port: 8080, seed: 1, speed: 0 }],
    ['sandbox --seed 42 --speed 0.5', { name: 'sandbox', rows: null, faults: null, port: 0, seed: 42, speed: 0.5 }],
    ['--port=0 sandbox --rows=a.json', { name: 'sandbox', rows: 'a.json', faults: null, port: 0, seed: 1, speed: 0 }],
  ])('parseCommandLine parses the arguments %j', (line, command) => {
    expect(parse(line)).toEqual(command)
  })

  it.each([
    ['serve', "'serve' is not a command: expected 'sandbox', 'schema' or no command; see --help."],
    ['schema federation', "'federation' is unexpected: expected at most one command; see --help."],
    [
      'schema --api --federation',
      '--api and --federation are both given: expected at most one of the two; see --help.',
    ],
    ['schema --rows rows.json', "--rows is not an option of 'schema'; see --help."],
    ['sandbox --api', "--api is not an option of 'sandbox'; see --help."],
    ['sandbox --check-config', "--check-config is not an option of 'sandbox'; see --help."],
    ['--port 4000', '--port is not an option of the gateway; see --help.'],
    ['--nonsense', "Unknown option '--nonsense'; see --help."],
    ['--help=yes', "Option '-h, --help' does not take an argument; see --help."],
    ['sandbox --rows', "Option '--rows <value>' argument missing; see --help."],
    ['sandbox --rows=', '--rows is empty: expected a file name; see --help.'],
    ['sandbox --faults=', '--faults is empty: expected a file name; see --help.'],
    ['--faults faults.json', '--faults is not an option of the gateway; see --help.'],
    ['sandbox --port -1', "Option '--port' argument is ambiguous; see --help."],
    ['sandbox --seed=-1', "--seed is '-1': expected an integer from 0 to 2147483647; see --help."],
    ['sandbox --speed=-2', "--speed is '-2': expected a decimal number; see --help."],
    ['--seed 2', '--seed is not an option of the gateway; see --help.'],
    ...['-1', '65536', '1e3', '0x10', '1.5', 'http', ''].map(port => [
      `sandbox --port=${port}`,
      `--port is '${port}': expected an integer from 0 to 65535; see --help.`,
    ]),
  ])('parseCommandLine reports a usage error for the arguments %j', (line, message) => {
    expect(parse(line)).toEqual({ name: 'usage-error', message })
  })

  it('the help text of the command line lists every command and option', () => {
    const words = [
      'sandbox',
      '--rows FILE',
      '--faults FILE',
      '--port N',
      '--seed N',
      '--speed N',
      'schema',
      '--api',
      '--federation',
      '--check-config',
      '--version',
    ]
    for (const word of words) expect(HELP).toContain(word)
  })
})
