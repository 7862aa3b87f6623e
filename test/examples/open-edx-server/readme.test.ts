import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCurl } from './curl.ts'
import { connect, replaceUsernames } from './stock-driver.ts'
import { openPage } from './stock-page.ts'
import { send } from './support.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const printedAddress = 'http://localhost:8018'

let program: ChildProcess
let output = ''
let url = ''

/** Starts the program as `npm run example:server` does, but on a free port. */
beforeAll(async () => {
  program = spawn(process.execPath, [join(root, 'examples/open-edx-server/main.ts')], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  url = await new Promise((resolve, reject) => {
    program.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
    program.stdout?.on('data', (chunk) => {
      output += chunk
      const [, address] = /listening on (\S+)/.exec(output) ?? []
      if (address !== undefined) resolve(address)
    })
  })
})
afterAll(async () => {
  const ended = new Promise((resolve) => program.once('exit', resolve))
  program.kill('SIGTERM')
  expect(await ended).toBe(0)
})

/** The command of the README that asks the example server, as it is printed. */
const command = /```sh\n(curl [^`]*:8018[^`]*)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? ''

const occupation = { field_name: 'occupation', field_value: { name: 'Organic Farmer', crops: ['rye', 'oats'] } }

describe('the command of the README', () => {
  it('is a merge patch with a nested occupation, to where the server listens by default', () => {
    const { body, ...request } = readCurl(command)
    expect(JSON.parse(body)).toEqual({ extended_profile: [occupation] })
    expect(request).toEqual({
      method: 'PATCH',
      url: `${printedAddress}/api/user/v1/accounts/ada`,
      headers: {
        Authorization: 'Bearer ada-demo-token',
        'Content-Type': 'application/merge-patch+json',
      },
    })
    expect(readFileSync(join(root, 'examples/open-edx-server/main.ts'), 'utf8')).toContain("PORT = '8018'")
  })

  it('works as it is printed', async () => {
    const { method, headers, body, url: asked } = readCurl(command)
    const answer = await send(url, method, asked.slice(printedAddress.length), body, headers)
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ username: 'ada', extended_profile: expect.arrayContaining([occupation]) })
    // Where there is a curl, it gets the same.
    if (spawnSync('curl', ['--version']).status !== 0) return
    const said = execFileSync('sh', ['-c', command.replace(printedAddress, url)], { encoding: 'utf8', stdio: 'pipe' })
    expect(JSON.parse(said)).toEqual(answer.body)
  })
})

describe('the program', () => {
  it('says who is there, and how to be one of them', async () => {
    for (const text of ['ada-demo-token', 'bob-demo-token', '/login_session/', 'grant_type=client_credentials'])
      expect(output).toContain(text)
    const [, token] = /Bearer (bob\S*)/.exec(output) ?? []
    const { body } = await send(url, 'GET', '/api/user/v1/accounts/ada', undefined, {
      Authorization: `Bearer ${token}`,
    })
    expect(Object.keys(body)).toHaveLength(28)
  })

  it('says on its start page who can log in, with what', async () => {
    const { text } = await send(url, 'GET', '/')
    const people = [...text.matchAll(/<li>(\w+) \(\w+\), password ([^<]*)/g)]
    expect(people.map(([, username]) => username)).toEqual(['ada', 'bob'])
    for (const [, username = '', password = ''] of people) await openPage({ url }, username, password)
  })

  it('lets a program replace usernames, which no other may', async () => {
    const [, client_id = ''] = /client_id (\w+):/.exec(output) ?? []
    const [, client_secret = ''] = /client_secret=([^']*)'/.exec(output) ?? []
    const lms = await connect(url, { client_id, client_secret })
    expect(await replaceUsernames(lms, [['nobody', 'somebody']])).toEqual([['nobody', 'somebody', 'SUCCESS']])
    const other = await connect(url, { client_id: 'retirement', client_secret })
    await expect(replaceUsernames(other, [['nobody', 'somebody']])).rejects.toMatchObject({ status: 403 })
  })

  it('takes the two other commands that it prints', async () => {
    const printed = [...output.matchAll(/curl (?:[^\n]*\\\n)*[^\n]*/g)].map(([text]) => readCurl(text))
    const [login, token, ...others] = await Promise.all(
      printed.map(({ method, url: asked, body, headers }) =>
        send(url, method, asked.slice(url.length), body, { ...headers }),
      ),
    )
    expect([login?.body, token?.body.token_type, others]).toEqual([{ success: true }, 'JWT', []])
  })
})
