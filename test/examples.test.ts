import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const folder = join(import.meta.dirname, '..', 'examples')
const examples = readdirSync(folder).filter((file) => /^\d\d-.*\.ts$/.test(file))

/** The loaders that an example needs besides Node: decorators have to be compiled. */
const loaders: Readonly<Record<string, readonly string[]>> = { '04-nestjs.ts': ['--import', 'tsx'] }

/** Runs an example as a user would, against the built package. Rejects unless it ends well. */
async function run(file: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...(loaders[file] ?? []), join(folder, file)], {
    env: { ...process.env, TSX_TSCONFIG_PATH: join(folder, 'tsconfig.json') },
  })
  return stdout
}

describe.concurrent('examples', () => {
  it.each(examples.filter((file) => file !== '01-quickstart.ts'))('%s runs to its end', async (file) => {
    expect(await run(file)).not.toBe('')
  })

  it('01-quickstart.ts shows the main job', async () => {
    const output = await run('01-quickstart.ts')
    for (const shown of [
      '0001-accounts',
      '"field_name": "occupation"',
      '"name": "Organic Farmer"',
      'changed: level_of_education, bio, language_proficiencies, social_links, extended_profile.occupation, extended_profile.conlangs_spoken',
      "by merge patch: {\n  occupation: { name: 'Organic Farmer' },\n  conlangs_spoken: [ \"na'vi\", 'klingon' ]\n}",
      "by JSON Patch:  {\n  occupation: { name: 'Organic Farmer' },\n  conlangs_spoken: [ \"na'vi\", 'klingon' ]\n}",
      '"developer_message": "schema at /extended_profile/occupation/name"',
      '28 fields',
      '"account_privacy": "private"',
      '400 account_validation_error',
      '"code": "name_has_html"',
      'event account.changed',
      "theme: 'dark',\n  time_zone: 'Europe/London'",
      "theme: { value: 'dark', source: 'user' }",
      "pageSize: { value: 25, source: 'default' }",
      '400 preference_validation_error',
      '400 retirement_state_error: the cool-off of the retirement is not over',
      'moved to COMPLETE',
      'notification retire_account',
      'ada: users.username, users.username_key, users.email, users.email_key, profiles.name, social_links.social_link → nowhere',
      'year_of_birth: 1976: profiles.year_of_birth → nowhere',
      'Organic Farmer: extended_profiles.document → nowhere',
      'Europe/London: preferences.value → nowhere',
      'in the bytes of the file: nothing',
      '"username": "bob"',
    ]) {
      expect(output).toContain(shown)
    }
    expect(output).not.toContain('stays out')
    expect(output).not.toContain('NOWHERE')
  })

  it('the map names every program', () => {
    const map = readFileSync(join(folder, 'README.md'), 'utf8')
    expect(examples.filter((file) => !map.includes(`](${file})`))).toEqual([])
  })
}, 60_000)
