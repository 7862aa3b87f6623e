import { spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** A message of the Language Server Protocol. */
interface Message {
  readonly id?: number
  readonly method?: string
  readonly result?: unknown
}

/** The language service of the project's TypeScript, as an editor has it. */
export interface LanguageService {
  /** Opens a file that need not be on the disk. */
  open(path: string, text: string): void
  /** Returns the documentation that is shown at a place of an open file; `''`: none. */
  documentationAt(path: string, line: number, character: number): Promise<string>
  /** Returns the names that are offered at a place of an open file. */
  namesAt(path: string, line: number, character: number): Promise<string[]>
  close(): Promise<void>
}

/** Starts the server that TypeScript 7 comes with: it has no other interface for programs. */
export async function openLanguageService(): Promise<LanguageService> {
  const server = spawn(join(root, 'node_modules', '.bin', 'tsc'), ['--lsp', '--stdio'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const waiting = new Map<number, (result: unknown) => void>()
  const send = (message: object) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message })
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }
  const take = ({ id, method, result }: Message) => {
    if (id === undefined) return
    // The server asks for settings of the editor: there are none.
    if (method !== undefined)
      send({ id, result: method === 'workspace/configuration' ? [null, null, null, null] : null })
    else waiting.get(id)?.(result)
  }
  let unread = Buffer.alloc(0)
  server.stdout.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk])
    for (let message = firstOf(unread); message !== undefined; message = firstOf(unread)) {
      unread = unread.subarray(message.end)
      take(JSON.parse(message.text))
    }
  })
  let asked = 0
  const ask = <Result>(method: string, params: object) =>
    new Promise<Result>((resolve) => {
      const id = ++asked
      waiting.set(id, (result) => resolve(result as Result))
      send({ id, method, params })
    })
  const uriOf = (path: string) => `file://${join(root, path)}`
  const at = (path: string, line: number, character: number) => ({
    textDocument: { uri: uriOf(path) },
    position: { line, character },
  })

  const capabilities = { textDocument: { hover: { contentFormat: ['markdown'] } } }
  await ask('initialize', { processId: process.pid, rootUri: uriOf(''), capabilities })
  send({ method: 'initialized', params: {} })
  return {
    open(path, text) {
      const textDocument = { uri: uriOf(path), languageId: 'typescript', version: 1, text }
      send({ method: 'textDocument/didOpen', params: { textDocument } })
    },
    async documentationAt(path, line, character) {
      const hover = await ask<{ contents: { value: string } } | null>('textDocument/hover', at(path, line, character))
      // The signature comes first, in a block of code.
      return (hover?.contents.value ?? '').replace(/^```.*?\n```/s, '').trim()
    },
    async namesAt(path, line, character) {
      const list = await ask<{ items: { label: string }[] }>('textDocument/completion', at(path, line, character))
      return list.items.map(({ label }) => label.replace(/\?$/, ''))
    },
    async close() {
      await ask('shutdown', {})
      send({ method: 'exit' })
      server.stdin.end()
      await ended
    },
  }
}

/** The first whole message of what has come in, and where it ends. */
function firstOf(bytes: Buffer): { readonly text: string; readonly end: number } | undefined {
  const head = bytes.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const length = Number(/Content-Length: (\d+)/i.exec(bytes.subarray(0, head).toString())?.[1])
  const end = head + 4 + length
  return bytes.length < end ? undefined : { text: bytes.subarray(head + 4, end).toString(), end }
}
