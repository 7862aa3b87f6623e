/** A CommonJS project: Node requires the ES modules of the package, and the compiler knows their types. */
const { createUserCore, system } = require('usercore')
const { memoryRepository } = require('usercore/memory')

const users = createUserCore({ repository: memoryRepository() })

async function main() {
  await users.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada' })
  // @ts-expect-error a misspelt field of the account
  await users.accounts.update(system, 'ada', { boi: 'x' })
  const account = await users.accounts.get(system, 'ada')
  process.stdout.write(`${account?.email}\n`)
}

void main()
