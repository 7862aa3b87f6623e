import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultSettings } from '../../src/site/default-settings.ts'
import { type LanguageService, openLanguageService } from '../support/language-service.ts'

/** Types whose members an editor explains, by the expression that a host writes; each with a name that has to be found. */
const types: Readonly<Record<string, string>> = {
  Settings: 'cool_off_days',
  "NonNullable<UserCoreOptions<unknown>['settings']>": 'cool_off_days',
  VisibilityConfiguration: 'public_fields',
  AccountDocument: 'bio',
  AccountPatch: 'bio',
  'UserCoreOptions<unknown>': 'repository',
  'UserCore<unknown>': 'accounts',
}

const probe = 'test/types/probe.ts'
const head = "import type * as usercore from '../../src/index.ts'\n"
const names = Object.keys(types)
const text = names.map((type, index) => `declare const v${index}: ${qualified(type)}\nv${index}.\n`).join('')

/** A type with the names of the library found in its namespace. */
function qualified(type: string): string {
  return type.replace(/\b(?=(?:Settings|UserCore|UserCoreOptions|VisibilityConfiguration|Account\w+)\b)/g, 'usercore.')
}

describe('the language service', () => {
  let service: LanguageService
  beforeAll(async () => {
    service = await openLanguageService()
    service.open(probe, head + text)
  })
  afterAll(() => service.close())

  /** The members of a type that an editor offers, with what it says of each. */
  async function explained(type: string): Promise<Map<string, string>> {
    const line = 2 + 2 * names.indexOf(type)
    const members = await service.namesAt(probe, line, `v${names.indexOf(type)}.`.length)
    const path = `test/types/members-${names.indexOf(type)}.ts`
    const lines = members.map((member) => `value.${member}\n`)
    service.open(path, `${head}declare const value: ${qualified(type)}\n${lines.join('')}`)
    const told = members.map(async (member, index) => {
      return [member, await service.documentationAt(path, 2 + index, 'value.'.length)] as const
    })
    return new Map(await Promise.all(told))
  }

  it.each(Object.entries(types))('explains every member of %s', async (type, known) => {
    const members = await explained(type)
    expect([...members.keys()]).toContain(known)
    expect([...members].filter(([, documentation]) => documentation === '').map(([member]) => member)).toEqual([])
  })

  it('knows every setting', async () => {
    const members = await explained('Settings')
    expect([...members.keys()].toSorted()).toEqual(Object.keys(defaultSettings).toSorted())
  })

  it('says nothing of a member without a comment', async () => {
    service.open('test/types/bare.ts', 'declare const bare: { readonly name: string }\nbare.name\n')
    expect(await service.documentationAt('test/types/bare.ts', 1, 'bare.'.length)).toBe('')
  })
}, 60_000)
