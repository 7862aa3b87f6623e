import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

/**
 * The code in the README is run as a reader would run it: in a project that has what the README installs and nothing
 * else, the ten lines at the top and the quickstart by themselves, and each later section behind the quickstart.
 *
 * - The text behind `console.log(…) //` is the expected output.
 * - A `sh` block with `curl` is sent to the server that its section starts. The status in the sentence behind it, and the
 *   `json` block behind that, are expected back; the response may hold more than the block.
 */
const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

interface Section {
  readonly title: string
  readonly text: string
  /** The program that it makes. */
  readonly code: string
  readonly file: string
}

const sections = readme.split(/^## /m).flatMap((text): Omit<Section, 'file'>[] => {
  const code = blocks(text, 'ts').join('\n')
  return code === '' ? [] : [{ title: text.slice(0, text.indexOf('\n')).trim(), code, text }]
})
/** The ten lines at the top and the quickstart, which later sections continue. */
const [, quickstart] = sections
const programs = sections.map((section, index): Section => {
  const code = index < 2 ? section.code : `${quickstart?.code}\n${section.code}`
  return { ...section, code, file: `${index}.ts` }
})

/** The blocks of one language. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block)
}

describe('the README', () => {
  it('leads with ten lines of code', () => {
    const [first = ''] = blocks(readme, 'ts')
    const lines = first.split('\n').filter((line) => line !== '')
    expect(lines.length).toBeLessThanOrEqual(10)
    for (const operation of ['create', 'update', 'get']) expect(first).toContain(`users.accounts.${operation}(`)
  })

  it('has no line of more than 120 characters, but for the rows of tables', () => {
    const long = readme.split('\n').filter((line) => line.length > 120 && !line.startsWith('|'))
    expect(long).toEqual([])
  })

  it('links to its own headings, to files of the package and to the web alone', () => {
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link)
    const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(
      ([, heading = '']) =>
        `#${heading
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-')}`,
    )
    const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(links.length).toBeGreaterThan(10)
    expect(links.filter((link) => !/^https:/.test(link) && ![...headings, ...files].includes(link))).toEqual([])
  })
})

describe('the code in the README', () => {
  const project = mkdtempSync(join(tmpdir(), 'usercore-readme-'))
  afterAll(() => rmSync(project, { recursive: true }))

  beforeAll(() => {
    const installs = [...readme.matchAll(/^npm install (?:--save-dev )?(.*)$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    )
    for (const name of installs) {
      const link = join(project, 'node_modules', name)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(name === 'usercore' ? root : join(root, 'node_modules', name), link)
    }
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
    const compilerOptions = {
      target: 'es2024',
      module: 'nodenext',
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
    }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
    for (const { file, code } of programs) writeFileSync(join(project, file), code)
  })

  it('has programs to run, and a server that answers', () => {
    expect(programs.length).toBeGreaterThan(3)
    expect(programs.flatMap(({ text }) => requests(text)).map(({ status }) => status)).toEqual([200, 400])
  })

  it('compiles', async () => {
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    const { stdout } = await promisify(execFile)(tsc, ['-p', project]).catch((error) => error)
    expect(stdout).toBe('')
  })

  it.each(programs)('prints what its comments say: $title', async ({ file, code, text }) => {
    const port = await freePort()
    const program = spawn(process.execPath, [join(project, file)], {
      cwd: project,
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void program.kill())
    const asked = requests(text)
    const output = outputOf(program)
    if (asked.length > 0) {
      await answering(port)
      for (const { curl, status, body } of asked) {
        const command = curl.replaceAll(':3000', `:${port}`).trimEnd()
        const { stdout } = await promisify(execFile)('bash', [
          '-c',
          `${command} --silent --write-out '\\n%{http_code}'`,
        ])
        const [answer = '', answered] = stdout.split('\n')
        expect(Number(answered)).toBe(status)
        expect(JSON.parse(answer)).toMatchObject(JSON.parse(body))
      }
      program.kill()
    }
    const { lines, exit } = await output
    expect(lines).toEqual([...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, comment]) => comment))
    expect(exit).toBe(asked.length > 0 ? null : 0)
  })
}, 60_000)

/** The requests of a section, with what their answers must be. */
function requests(text: string): { curl: string; status: number; body: string }[] {
  const behind = [...text.matchAll(/^```sh\n(curl .*?)^```$(.*?)^```json\n(.*?)^```$/gms)]
  return behind.map(([, curl = '', prose = '', body = '']) => ({
    curl,
    status: Number(/\d{3}/.exec(prose)?.[0]),
    body,
  }))
}

async function outputOf(program: ChildProcess): Promise<{ lines: string[]; exit: number | null }> {
  let output = ''
  program.stdout?.on('data', (chunk) => {
    output += chunk
  })
  const exit = await new Promise<number | null>((resolve) => program.on('close', resolve))
  return { lines: output.trimEnd().split('\n'), exit }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.on('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Waits until a server answers. */
async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const isUp = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    )
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`no server answers on port ${port}`)
}
