import { createUserCore, type UserCore } from '../../src/create-user-core.ts'
import type { Repository } from '../../src/port/repository.ts'
import { type Actor, anonymous, system } from '../../src/site/actor.ts'
import { resolveSettings, type SettingsInput } from '../../src/site/settings.ts'
import type { JsonObject, JsonValue } from '../../src/values/json.ts'
import { withFaults } from './faults.ts'
import { loadGiven, type People } from './given.ts'
import { type TestHost, testHost } from './host.ts'

/** One case set up: the library over a store that holds what is given. */
export interface Subject {
  readonly users: UserCore<unknown>
  /** For what cases read past the public interface. */
  readonly repository: Repository
  readonly host: TestHost
  readonly people: People
  actor(name: string): Actor
  /** Lets the faults of the case happen from now on, or no more. */
  setFaults(active: boolean): void
}

/** The site as the README of the vectors describes it beside its table of settings. */
const site: SettingsInput = {
  site_url: 'http://testserver',
  // The vectors state what the original answers.
  reveal_taken_secondary_email: true,
  email_optin_needs_profile: true,
  email_change_rate_limit: '',
  secondary_email_rate_limit: '',
  // Hashes are those of Open edX, with its salts; the calls say how long to cool off.
  retired_identifier_scheme: 'sha1',
  allow_public_salts: true,
  minimum_cool_off_days: 0,
  profile_image_naming: 'username',
  profile_image_hash_seed: 'secret',
  // Defaults of the original that give rights to any person who knows them.
  retirement_service_worker_username: 'RETIREMENT_SERVICE_USER',
  // Events of the original tell the values of every preference; here of those alone that the site lists.
  event_value_fields: [...resolveSettings().event_value_fields, 'test key'],
}

/** Changes how a repository behaves. */
export type Behaviour = (repository: Repository) => Repository

export async function setUp(
  given: JsonObject,
  repository: Repository,
  behave: Behaviour = (stored) => stored,
): Promise<Subject> {
  const settings = { ...site, ...(given.settings as SettingsInput | undefined) }
  const host = testHost(String(given.now))
  let active = false
  const faults = (given.faults ?? []) as string[]
  const people = await loadGiven(given, repository, resolveSettings(settings), host)
  const users = createUserCore({
    repository: behave(withFaults(repository, faults, () => active)),
    settings,
    clock: host.clock,
    credentials: host.credentials,
    enrollments: host.enrollments,
  })
  return {
    users,
    repository,
    host,
    people,
    actor: (name) => actorOf(name, (given.users ?? []) as readonly JsonObject[]),
    setFaults: (on) => {
      active = on
    },
  }
}

function actorOf(name: string, users: readonly JsonObject[]): Actor {
  if (name === 'anonymous') return anonymous
  if (name === 'system') return system
  const user: JsonObject = users.find((candidate) => candidate.username === name) ?? {}
  return {
    username: name,
    staff: user.is_staff === true,
    superuser: user.is_superuser === true,
    permissions: (user.permissions ?? []) as JsonValue[] as never[],
  }
}
