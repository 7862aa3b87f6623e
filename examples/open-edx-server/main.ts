/**
 * The HTTP surface of Open edX's `user_api` over usercore, on SQLite, with two people: `npm run example:server`.
 *
 * | variable | says |
 * | --- | --- |
 * | `PORT` | where to listen; default 8018. Stock pages as they come look for it on 18000 |
 * | `DATABASE` | the SQLite file to keep; default: none |
 * | `COOL_OFF_DAYS` | days before a retirement can begin; default 14 |
 */
import { deliver } from './deliver.ts'
import { findPerson } from './people.ts'
import { addClient, addDemoToken, addPerson, addRetirementWorker, enroll } from './seed.ts'
import { startServer } from './server.ts'
import type { Site } from './site.ts'

const { PORT = '8018', DATABASE, COOL_OFF_DAYS = '14' } = process.env
const password = 'engines and notes'
const people = [
  { username: 'ada', password, role: 'learner' },
  { username: 'bob', password, role: 'staff' },
]
const client_secret = 'a secret for this machine alone'
const clients = {
  retirement: { client_id: 'retirement', client_secret },
  renaming: { client_id: 'username_replacement', client_secret },
}
const renamer = 'username_replacement_worker'

const { site, close } = await startServer({
  port: Number(PORT),
  ...(DATABASE === undefined ? {} : { database: DATABASE }),
  people,
  settings: {
    username_replacement_worker: renamer,
    minimum_cool_off_days: Number(COOL_OFF_DAYS),
    // For this machine alone: a site of yours keeps its key secret, and for good.
    retired_identifier_keys: [{ id: 'demo', secret: 'printed in the source, so use another one' }],
  },
  onFailure: (error) => console.error(error),
  seed,
})

console.log(`open-edx-server is listening on ${site.url}

  ada  learner   Authorization: Bearer ada-demo-token
  bob  staff     Authorization: Bearer bob-demo-token

Cookies instead:
  curl -c cookies ${site.url}/api/user/v1/account/login_session/ -d email_or_username=ada -d 'password=${password}'
A token for the programs that drive retirements; those that replace usernames have the client_id ${clients.renaming.client_id}:
  curl ${site.url}/oauth2/access_token -d grant_type=client_credentials -d token_type=jwt \\
    -d client_id=${clients.retirement.client_id} -d 'client_secret=${client_secret}'
Mails appear here. Stop it with Ctrl-C.`)

const timer = setInterval(() => {
  deliver(site, ({ name, to, link }) => console.log(`mail to ${to}: ${name} ${link ?? ''}`)).catch(console.error)
}, 500)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(timer)
    void close()
  })
}

/** Two people, a course that one of them takes, and the accounts of programs; a file that was kept has them already. */
async function seed(site: Site): Promise<void> {
  if ((await findPerson(site.db, { login: 'bob' })) !== undefined) return
  const born = (year_of_birth: number) => ({ password, profile: { year_of_birth, country: 'GB' } })
  const ada = await addPerson(site, { username: 'ada', email: 'ada@example.com', name: 'Ada Lovelace', ...born(1985) })
  const bob = await addPerson(
    site,
    { username: 'bob', email: 'bob@example.com', name: 'Bob Frankston', ...born(1979) },
    { staff: true, permissions: ['cancel_retirement'] },
  )
  await enroll(site, ada, ['course-v1:OrgX+Engines+2026'])
  await addRetirementWorker(site, clients.retirement)
  const replacing = { username: renamer, email: 'renaming@example.com', name: 'Renaming' }
  await addClient(site, clients.renaming, await addPerson(site, replacing))
  await addDemoToken(site, ada, 'ada-demo-token')
  await addDemoToken(site, bob, 'bob-demo-token')
}
