import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

/** The blocks of code of one language in a page. */
export function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block)
}

/** The packages that a page installs. */
export function installs(text: string): string[] {
  return [...text.matchAll(/^npm install (?:--save-dev )?(.*)$/gm)].flatMap(([, names = '']) => names.split(' '))
}

/** Makes a folder that is a project with some packages and nothing else. */
export function makeProject(packages: readonly string[]): string {
  const project = mkdtempSync(join(tmpdir(), 'usercore-page-'))
  for (const name of packages) {
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
    allowImportingTsExtensions: true,
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  return project
}

/** Returns what the compiler says about a project; `''` where it is well. */
export async function compile(project: string): Promise<string> {
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  const { stdout } = await promisify(execFile)(tsc, ['-p', project]).catch((error) => error)
  return stdout
}

/**
 * Runs a program of a page: it has to print what stands behind each `console.log(…) //`, and to answer the requests of the
 * page as it says. A program with requests is a server, which is ended after them.
 */
export async function runProgram(
  project: string,
  file: string,
  { code, text }: { readonly code: string; readonly text: string },
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const port = await freePort()
  const program = spawn(process.execPath, [join(project, file)], {
    cwd: project,
    env: { ...process.env, ...variables, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void program.kill())
  const asked = requests(text)
  const output = outputOf(program)
  if (asked.length > 0) {
    await answering(port)
    for (const { curl, status, body } of asked) {
      const command = curl.replaceAll(':3000', `:${port}`).trimEnd()
      const { stdout } = await promisify(execFile)('bash', ['-c', `${command} --silent --write-out '\\n%{http_code}'`])
      const [answer = '', answered] = stdout.split('\n')
      expect(Number(answered)).toBe(status)
      expect(JSON.parse(answer)).toMatchObject(JSON.parse(body))
    }
    program.kill()
  }
  const { lines, exit } = await output
  expect(lines).toEqual([...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, comment]) => comment))
  expect(exit).toBe(asked.length > 0 ? null : 0)
}

/** The requests of a text, with what their answers must be. */
export function requests(text: string): { curl: string; status: number; body: string }[] {
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
  return { lines: output === '' ? [] : output.trimEnd().split('\n'), exit }
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
