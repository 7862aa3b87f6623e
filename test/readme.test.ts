import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

/**
 * The code in the README is run as a reader would run it: in a project that has what the README installs and nothing
 * else, the first block by itself, and each later section behind the first block.
 *
 * - What `console.log(…) // text` says is what must come out.
 * - A `sh` block with `curl` is sent to the server that its section starts. The status in the sentence behind it, and the
 *   `json` block behind that, are what must come back; the answer may hold more than the block.
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
  return code === '' ? [] : [{ title: text.slice(0, text.indexOf('\n')), code, text }]
})
const programs = sections.map((section, index): Section => {
  const code = index === 0 ? section.code : `${sections[0]?.code}\n${section.code}`
  return { ...section, code, file: `${index}.ts` }
})

/** The blocks of one language. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block)
}

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

  it('has programs to run, and a server to ask', () => {
    expect(programs.length).toBeGreaterThan(3)
    expect(programs.flatMap(({ text }) => requests(text)).map(({ status }) => status)).toEqual([200, 400])
  })

  it('compiles', async () => {
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    const { stdout } = await promisify(execFile)(tsc, ['-p', project]).catch((error) => error)
    expect(stdout).toBe('')
  })

  it.each(programs)('says what comes out: $title', async ({ file, code, text }) => {
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
  throw new Error(`nobody answers on port ${port}`)
}
