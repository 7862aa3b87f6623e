import { expect, it } from 'vitest'
import { createUserCore } from '../../src/create-user-core.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import { profileRow, userRow } from '../../src/testing/rows.ts'
import { passwords } from '../support/host.ts'
import { type FoundOperation, operationsOf } from '../support/operations.ts'

/** Returns the outcome of a call on a site where the host added ada, with an empty profile or none. */
async function outcome(operation: FoundOperation, hasProfile: boolean): Promise<unknown> {
  const repository = memoryRepository()
  const users = createUserCore({
    repository,
    credentials: passwords(),
    settings: {
      cool_off_days: 0,
      retired_identifier_keys: [{ id: 'a', secret: 'a secret that is long enough for a key' }],
    },
  })
  for (const username of ['ada', 'bob']) {
    await repository.insertUser(userRow(username), (id) =>
      hasProfile ? [{ insert: 'profiles', rows: [profileRow(id)] }] : [],
    )
  }
  const values = operation.sample.map((value) =>
    Object(value) === value && Object.hasOwn(value as object, 'expectedVersion')
      ? { ...(value as object), expectedVersion: hasProfile ? 1 : 0 }
      : value,
  )
  return operation.call(users, values).then(
    () => 'done',
    (error: { code?: string; field_errors?: object }) => ({ code: error.code, fields: error.field_errors }),
  )
}

const operations = operationsOf(createUserCore({ repository: memoryRepository() }))

it.each(operations.map((operation) => [operation.name, operation] as const))(
  'people without a profile are served like those with an empty one: %s',
  async (_, operation) => expect(await outcome(operation, false)).toEqual(await outcome(operation, true)),
)
