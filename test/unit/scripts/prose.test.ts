import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { countCodeLines, findComments } from '../../../scripts/comments.ts'
import { countPointingWords, findPassages, reportProse } from '../../../scripts/prose.ts'

const FENCE = '```'
const textsOf = (source: string) => findComments(source).map(({ text }) => text.replace(/\s+/g, ' ').trim())

describe('countCodeLines', () => {
  it('countCodeLines counts lines with code, and neither blank lines nor lines with only a comment', () => {
    const source = '// One.\n\n/**\n * Two.\n */\nopen() // at once\n  \nclose(/* now */)\n`\n// text`\n'
    expect(countCodeLines(source)).toBe(4)
  })
})

describe('findComments', () => {
  it('findComments finds block comments and line comments with the line numbers', () => {
    const source =
      "import 'a'\n\n/**\n * Opens the pool.\n */\nopen() // at once\n\n  // First line,\n  // second line.\n"
    expect(findComments(source).map(({ line }) => line)).toEqual([3, 6, 8])
    expect(textsOf(source)).toEqual(['Opens the pool.', 'at once', 'First line, second line.'])
  })

  it.each([
    ['a string', `const glob = 'src/**/*.ts'; const url = "http://a/*b*/"`],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a template.
    ['a template', 'const url = `http://${host ? `//${port}` : { a: "/*" }}/*not a comment*/`'],
    ['a regular expression', "const pattern = /[/*'`]\\/\\/ not a comment/g"],
    ['a division', 'const half = total / 2 / count'],
  ])('findComments ignores comment signs in %s', (_place, code) => {
    expect(textsOf(`${code}\n// A comment.\n`)).toEqual(['A comment.'])
  })

  it('findComments finds a comment inside of a template expression', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a template.
    expect(textsOf('const text = `a ${/* inner */ b} // text`')).toEqual(['inner'])
  })
})

describe('findPassages', () => {
  it('findPassages counts all words and the pointing words of a comment', () => {
    const [passage] = findPassages('src/a.ts', '\n// What it says is told to those who have asked.\n')
    expect(passage).toMatchObject({ file: 'src/a.ts', line: 2, words: 10, pointingWords: 5 })
  })

  it('findPassages leaves out passages with fewer than six words', () => {
    expect(findPassages('src/a.ts', '// What it is, and that.\n')).toEqual([])
    expect(findPassages('src/a.ts', '// What it is, and that too.\n')).toHaveLength(1)
  })

  it('findPassages counts inline code of a comment as a single word', () => {
    const [passage] = findPassages('src/a.ts', '// Calls `what(it, that)` before the pool has closed.\n')
    expect(passage).toMatchObject({ words: 7, pointingWords: 0 })
  })

  it('findPassages skips code blocks, inline code and headings of Markdown', () => {
    const markdown = [
      '# What it is, who asks for it, and that',
      'Run `what it is that one` to see the list.',
      `${FENCE}\nwhat is it that those who ask are told\n${FENCE}`,
      'Each row of the table has a date.',
    ].join('\n\n')
    const passages = findPassages('docs/a.md', markdown)
    expect(passages.map(({ line, words, pointingWords }) => [line, words, pointingWords])).toEqual([
      [3, 6, 0],
      [9, 8, 0],
    ])
  })

  it('findPassages finds nothing in files of other types', () => {
    expect(findPassages('docs/schema.graphql', '# What it is, and that too.\n')).toEqual([])
  })
})

describe('countPointingWords', () => {
  it('countPointingWords counts whole words in any case', () => {
    expect(countPointingWords('It is THAT one; its item, whatever the thatched withstand.')).toBe(5)
  })
})

describe('reportProse', () => {
  const passage = (pointingWords: number) => ({
    file: 'a.ts',
    line: 1,
    text: '',
    words: 100,
    pointingWords,
  })

  it('reportProse accepts 3 % of pointing words, and no more', () => {
    expect(reportProse([passage(3), passage(3)])).toMatchObject({ share: 0.03, isWithinLimits: true })
    expect(reportProse([passage(3), passage(4)])).toMatchObject({ share: 0.035, isWithinLimits: false })
  })

  it('reportProse accepts a hard passage in a hundred, and lists the worst first', () => {
    const easy = Array.from({ length: 99 }, () => passage(0))
    expect(reportProse([...easy, passage(20)])).toMatchObject({ hardPassages: 1, isWithinLimits: true })
    expect(reportProse([...easy.slice(1), passage(20)])).toMatchObject({ hardPassages: 1, isWithinLimits: false })
    expect(reportProse([passage(1), passage(20), passage(2)]).worst.map(each => each.pointingWords)).toEqual([20, 2, 1])
  })

  it('reportProse accepts a path without passages', () => {
    expect(reportProse([])).toMatchObject({ share: 0, isWithinLimits: true })
  })
})

describe('npm run check:prose', () => {
  const script = fileURLToPath(new URL('../../../scripts/checkProse.ts', import.meta.url))
  const check = (path: string) => spawnSync(process.execPath, [script, path], { encoding: 'utf8' })
  const createFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'prose-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return folder
  }

  it('check:prose fails if a path exceeds a limit, and prints the share, the limit and the passage', () => {
    const folder = createFolder()
    writeFileSync(join(folder, 'a.ts'), '\n// What it says is told to those who have asked.\n')
    const { status, stderr } = check(folder)
    expect(status).toBe(1)
    expect(stderr).toContain(`${folder}: 50.0 % pointing words in 10 words (limit 3 %), 1 of 1 passages`)
    expect(stderr).toMatch(/ 50 % .*a\.ts:2 {2}What it says/)
  })

  it('check:prose passes if a path is within the limits, without dist and node_modules', () => {
    const folder = createFolder()
    writeFileSync(join(folder, 'a.ts'), '// Opens the pool after the first request.\n')
    for (const name of ['dist', 'node_modules']) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'a.ts'), '// What it says is told to those who have asked.\n')
    }
    expect(check(folder)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('0.0 % pointing words in 7 words'),
    })
  })
})
