import { configError } from '../values/arguments.ts'
import type { It } from './repository-contract.ts'

/** Throws `config_error` that names the first option that is no function. */
export function requireFunctions(options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== 'function') throw configError(name, 'a function')
  }
}

/** Hands each case of some groups to a runner, under its name and that of its group. Each gets a store of its own. */
export function runGroups<Store extends { close(): Promise<void> }>(
  it: It,
  groups: Readonly<Record<string, Readonly<Record<string, (store: Store) => Promise<void>>>>>,
  open: () => Promise<Store>,
): void {
  for (const [group, cases] of Object.entries(groups)) {
    for (const [name, test] of Object.entries(cases)) {
      it(`${group}: ${name}`, async () => {
        const store = await open()
        try {
          await test(store)
        } finally {
          await store.close()
        }
      })
    }
  }
}
