/**
 * Unit tests of your own code: usercore in memory, on a clock that stands still until the test moves it.
 *
 * This is a test file for node:test; it would look the same with any other runner. The code that it tests, which sends
 * the mails that wait in the outbox, is in 07-unit-tests/send-mails.ts.
 */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { createUserCore, system, type UserCore } from 'usercore'
import { type MemoryTransaction, memoryRepository } from 'usercore/memory'
import { type ManualClock, manualClock } from 'usercore/testing'
import { type Mail, sendMails } from './07-unit-tests/send-mails.ts'

const ada = { username: 'ada' }
const seconds = 1000
const hours = 3600 * seconds

let clock: ManualClock
let users: UserCore<MemoryTransaction>
let mails: Mail[]
const send = async (mail: Mail) => void mails.push(mail)

beforeEach(async () => {
  clock = manualClock('2026-03-01T12:00:00Z')
  users = createUserCore({ repository: memoryRepository(), clock: clock.now })
  mails = []
  await users.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada' }, { active: true })
  await users.accounts.update(ada, 'ada', { email: 'lovelace@example.com' })
})

test('the address changes once the link in the mail was opened', async () => {
  assert.equal(await sendMails(users, send), 1)
  assert.equal(mails[0]?.to, 'lovelace@example.com')
  assert.equal(await address(), 'ada@example.com')
  await users.accounts.confirmEmailChange(keyIn(mails[0]))
  assert.equal(await address(), 'lovelace@example.com')
})

test('a link that was opened a day late changes nothing', async () => {
  await sendMails(users, send)
  clock.advance(25 * hours)
  await assert.rejects(users.accounts.confirmEmailChange(keyIn(mails[0])), { code: 'not_found' })
  assert.equal(await address(), 'ada@example.com')
})

test('a mail that could not be sent is sent in a later round', async () => {
  const fails = async () => Promise.reject(new Error('the mail service is down'))
  assert.equal(await sendMails(users, fails), 0)
  assert.equal(await sendMails(users, send), 0, 'not before the lease of the first round ends')
  clock.advance(61 * seconds)
  assert.equal(await sendMails(users, send), 1)
})

async function address(): Promise<string | undefined> {
  const account = await users.accounts.get(ada, ada)
  return account?.email
}

/** The key in the link of a mail. */
function keyIn(mail: Mail | undefined): string {
  return mail?.text.split('/').at(-1) ?? ''
}
