import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
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
  it.each(examples.filter((file) => file !== '01-quickstart.ts'))(
    '%s runs to its end',
    async (file) => {
      expect(await run(file)).not.toBe('')
      // One runs the whole contract, beside the others.
    },
    180_000,
  )

  it('01-quickstart.ts shows the main job', async () => {
    const output = await run('01-quickstart.ts')
    for (const shown of [
      '0001-accounts',
      'changed: level_of_education, bio, language_proficiencies, social_links, extended_profile.occupation, extended_profile.conlangs_spoken',
      `by merge patch: { occupation: { name: 'Organic Farmer' }, conlangs_spoken: [ "na'vi", 'klingon' ] }`,
      `by JSON Patch : { occupation: { name: 'Organic Farmer' }, conlangs_spoken: [ "na'vi", 'klingon' ] }`,
      'extended_profile: schema at /extended_profile/occupation/name',
      "{ field_name: 'occupation', field_value: { name: 'Organic Farmer' } }",
      '28 fields',
      "Bob: { account_privacy: 'private', username: 'ada' }",
      '400 account_validation_error',
      'name: name_has_html at /name',
      'event account.changed',
      "theme: 'dark', time_zone: 'Europe/London'",
      "theme: { value: 'dark', source: 'user' }",
      "pageSize: { value: 25, source: 'default' }",
      '400 preference_validation_error',
      '400 retirement_state_error: the cool-off of the retirement is not over',
      'the forums forget ada, in the attempt with the fence 1',
      'moved to COMPLETE',
      'notification retire_account',
      'ada: users.username, users.username_key, users.email, users.email_key, profiles.name, social_links.social_link, search_values.value → nowhere',
      'year_of_birth: 1976: profiles.year_of_birth → nowhere',
      'Organic Farmer: extended_profiles.document → nowhere',
      'Europe/London: preferences.value → nowhere',
      'in the bytes of the file: nothing',
      "username: 'bob'",
      'verified up to receipt 1',
    ]) {
      expect(output).toContain(shown)
    }
    expect(output).not.toContain('stays out')
    expect(output).not.toContain('NOWHERE')
  })

  it('01-quickstart.ts fits on two screens, and ends by naming the three pages to read next', async () => {
    const lines = (await run('01-quickstart.ts')).trim().split('\n')
    const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 120)), 0)
    expect(rows).toBeLessThanOrEqual(2 * 60)
    const next = lines.slice(lines.findIndex((line) => line.startsWith('— Read next')) + 1)
    expect(next.map((line) => line.split(':')[0])).toEqual(['ten-minutes.md', 'your-user-table.md', 'operating.md'])
    for (const line of next) expect(existsSync(join(folder, 'guides', line.split(':')[0] ?? ''))).toBe(true)
  })

  it('the map names every program', () => {
    const map = readFileSync(join(folder, 'README.md'), 'utf8')
    expect(examples.filter((file) => !map.includes(`](${file})`))).toEqual([])
  })
}, 60_000)
