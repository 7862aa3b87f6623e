import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { AccountPatch } from './accounts/account.ts'
import { type AccountOperations, accountOperations } from './accounts/accounts.ts'
import { type ExtendedProfileOperations, extendedProfileOperations } from './accounts/extended-profiles.ts'
import { type CourseTagOperations, courseTagOperations } from './course-tags/course-tags.ts'
import { type PartitionOperations, partitionOperations } from './course-tags/partitions.ts'
import { type EmailOptInOperations, emailOptInOperations } from './email-opt-ins/email-opt-ins.ts'
import { type OutboxOperations, outbox } from './outbox/outbox.ts'
import { type PersonalDataOperations, personalDataOperations } from './personal-data/personal-data.ts'
import type { PersonalDataStore } from './port/personal-data-store.ts'
import type { Repository } from './port/repository.ts'
import { journalKind, type RetirementJournal } from './port/retirement-journal.ts'
import { type PreferenceOperations, preferenceOperations } from './preferences/preferences.ts'
import { type RetiredOperations, retiredOperations } from './retirement/retired.ts'
import { type RetirementOperations, retirementOperations } from './retirement/retirement.ts'
import { type ArgumentTable, checkedOperations } from './runtime/checked-operations.ts'
import { type Core, reportedAs } from './runtime/core.ts'
import { type IdempotencyOperations, idempotency } from './runtime/idempotency.ts'
import { lanes } from './runtime/lanes.ts'
import { type Actor, hasRight, type Right, rights } from './site/actor.ts'
import { checkedHost } from './site/checked-host.ts'
import { checkedExtendedProfile, checkedPreferences } from './site/checked-schemas.ts'
import {
  defineExtendedProfile,
  type ExtendedFields,
  type ExtendedFieldsInput,
  type ExtendedProfile,
  extendedProfileKind,
  isExtendedProfile,
  type NoFields,
} from './site/define-extended-profile.ts'
import {
  definePreferences,
  type NoPreferences,
  type PreferenceSchemas,
  type Preferences,
  preferencesKind,
  type UndeclaredPreferences,
} from './site/define-preferences.ts'
import { askInTime } from './site/hook.ts'
import type { Host } from './site/host.ts'
import { resolveSettings, type Settings, type SettingsInput } from './site/settings.ts'
import {
  actor,
  argument,
  count,
  document,
  type Kind,
  object,
  oneOf,
  optional,
  personalDataKind,
  repositoryKind,
} from './values/kinds.ts'
import { requireOption, requireOptions } from './values/options.ts'

/** The options of `createUserCore`: the repository, the settings, and the hooks of the host. */
export interface UserCoreOptions<
  Transaction,
  Schemas extends PreferenceSchemas = NoPreferences,
  Fields extends ExtendedFields = NoFields,
  Undeclared extends UndeclaredPreferences = UndeclaredPreferences,
> extends Host<Transaction> {
  /** `kyselyRepository` of `usercore/kysely`, `memoryRepository` of `usercore/memory`, or one of your own. */
  readonly repository: Repository<Transaction>
  /**
   * The tables of the host with data of people, for plans, exports and the step `sources`: `kyselyPersonalData` of
   * `usercore/kysely`, `memoryPersonalData` of `usercore/memory`. Default: none.
   */
  readonly personalData?: PersonalDataStore<Transaction>
  /**
   * A record of erasures outside of the database, from which `retirement.replay` does again what a restored backup took
   * back: `fileJournal`, `kyselyJournal` of `usercore/kysely`. No erasure begins that it does not take an entry of.
   * Default: none.
   */
  readonly journal?: RetirementJournal
  /** Settings that differ from the defaults. */
  readonly settings?: SettingsInput
  /** Declared preferences; see `definePreferences`. Default: none, so that all are plain texts. */
  readonly preferences?: Preferences<Schemas, Undeclared>
  /**
   * Declared fields of the extended profile: schemas by name, or what `defineExtendedProfile` makes. Default: none, so
   * that all are free-form and `extended_profile_fields` says which are shown.
   */
  readonly extendedProfile?: ExtendedProfile<Fields> | ExtendedFieldsInput<Fields>
  /**
   * Milliseconds for which a call waits for the result of a hook or of a schema; `Host` says what happens then. More than
   * the slowest takes, and less than the database lets a transaction idle. Default 30,000.
   */
  readonly hookTimeoutMs?: number
}

/** The user domain of one site. */
export interface UserCore<
  Transaction,
  Schemas extends PreferenceSchemas = NoPreferences,
  Fields extends ExtendedFields = NoFields,
  Undeclared extends UndeclaredPreferences = UndeclaredPreferences,
> {
  /** Accounts: reading, changing, creating, activating. */
  readonly accounts: AccountOperations<Fields>
  /** Fields of a site's own beside the account. */
  readonly extendedProfile: ExtendedProfileOperations<Fields>
  /** Choices of a person, by key. */
  readonly preferences: PreferenceOperations<Schemas, Undeclared>
  /** Choices of people to get e-mail of an organisation. */
  readonly emailOptIns: EmailOptInOperations
  /** Small texts kept for a person and a course. */
  readonly courseTags: CourseTagOperations
  /** Groups of people in a course, drawn by chance. */
  readonly partitions: PartitionOperations
  /** Retirement of people: requests, states, erasure. */
  readonly retirement: RetirementOperations
  /** The data of a person, to be given to them. */
  readonly personalData: PersonalDataOperations
  /** Retired usernames and addresses. */
  readonly retired: RetiredOperations
  /** Messages that wait for delivery by the host. */
  readonly outbox: OutboxOperations
  /** Keys under which calls are made once. */
  readonly idempotency: IdempotencyOperations
  /** The settings in force, defaults included. */
  readonly settings: Settings
  /** Tells whether an actor holds a right. */
  hasRight(actor: Actor, right: Right): boolean
  /**
   * Returns the same operations inside a transaction of the host: their writes are stored, or not, with everything else
   * that the host does in it.
   *
   * Calls that are made at once, as with `Promise.all`, take turns. Statements of the host take no part in that: await the
   * calls before sending one, since a unit that is stopped undoes all statements since it began.
   *
   * Throws `config_error` for what is no transaction that the repository can work in (`params.option` is `transaction`).
   *
   * A deadlock or serialization failure is not tried again there. It is the error of the operation, with the code of the
   * driver in `params.driver_code`; so is a `conflict` with others whose changes the transaction cannot see. Both are a
   * reason to start the transaction again: the database may have ended it.
   */
  with(transaction: Transaction): UserCore<Transaction, Schemas, Fields, Undeclared>
}

/** The merge patch of accounts that a site takes: `AccountPatchOf<typeof users>`. */
export type AccountPatchOf<Core> =
  Core extends UserCore<infer _Transaction, infer _Schemas, infer Fields, infer _Undeclared>
    ? AccountPatch<Fields>
    : never

/** The document of accounts that a site gives: `AccountDocumentOf<typeof users>`. */
export type AccountDocumentOf<Core> =
  Core extends UserCore<infer _Transaction, infer _Schemas, infer Fields, infer _Undeclared>
    ? Awaited<ReturnType<AccountOperations<Fields>['get']>>
    : never

/** The values of the preferences that a site declares, by key: `PreferencesOf<typeof users>`. */
export type PreferencesOf<Core> =
  Core extends UserCore<infer _Transaction, infer Schemas, infer _Fields, infer _Undeclared>
    ? { readonly [Key in keyof Schemas]: StandardSchemaV1.InferOutput<Schemas[Key]> }
    : never

/** The kinds of the options. `checkedHost` checks those of hooks. */
const optionKinds: { readonly [Name in keyof Required<UserCoreOptions<unknown>>]: Kind } = {
  repository: repositoryKind,
  personalData: optional(personalDataKind),
  journal: optional(journalKind),
  settings: optional(document),
  preferences: optional(preferencesKind),
  extendedProfile: optional(document),
  // The longest delay that timers take.
  hookTimeoutMs: optional(count(1, 2 ** 31 - 1)),
  credentials: optional(document),
  enrollments: optional(document),
  clock: optional(document),
  ids: optional(document),
  random: optional(document),
  derivedFields: optional(document),
  isReadOnly: optional(document),
  steps: optional(document),
  externalIdentifiers: optional(document),
  isCountryRestricted: optional(document),
  checkField: optional(document),
  nameNeedsVerification: optional(document),
  translate: optional(document),
  logger: optional(document),
}

/**
 * Makes the user domain of a site.
 *
 * Throws `config_error` naming the options and settings that are unknown or have a value they cannot have, and a hook that
 * is no function.
 *
 * ```ts
 * const users = createUserCore({ repository: kyselyRepository(db, { dialect: 'sqlite' }) })
 * await users.accounts.update({ id: 1 }, { id: 1 }, { bio: 'Mathematician' })
 * ```
 */
export function createUserCore<
  Transaction,
  Schemas extends PreferenceSchemas = NoPreferences,
  Fields extends ExtendedFields = NoFields,
  Undeclared extends UndeclaredPreferences = UndeclaredPreferences,
>(
  options: UserCoreOptions<Transaction, Schemas, Fields, Undeclared>,
): UserCore<Transaction, Schemas, Fields, Undeclared> {
  requireOptions(options, object(optionKinds))
  const { repository, personalData, journal, settings, preferences, extendedProfile, ...others } = options
  const { hookTimeoutMs = 30_000, ...host } = others
  const profile = extendedProfile === undefined ? defineExtendedProfile({}) : declared(extendedProfile)
  const core = {
    repository,
    personalData,
    journal: journal && journalInTime(journal, hookTimeoutMs),
    settings: resolveSettings(settings),
    extendedProfile: checkedExtendedProfile(profile, hookTimeoutMs),
    host: checkedHost(host, hookTimeoutMs),
    lanes: lanes(),
  }
  return userCore(core, preferences === undefined ? noPreferences() : checkedPreferences(preferences, hookTimeoutMs))
}

/** Returns a journal whose entries are taken in time, or refused. */
function journalInTime(journal: RetirementJournal, timeoutMs: number): RetirementJournal {
  const isAnything = (_answer: unknown): _answer is unknown => true
  return {
    append: async (entry) => {
      await askInTime({ name: 'journal.append', timeoutMs }, isAnything, () => journal.append(entry))
    },
    read: (since) => journal.read(since),
  }
}

function declared(fields: ExtendedProfile<ExtendedFields> | ExtendedFieldsInput<ExtendedFields>) {
  if (!isExtendedProfile(fields)) return defineExtendedProfile(fields)
  requireOption(fields, extendedProfileKind, 'extendedProfile')
  return fields
}

/**
 * Returns the preferences of a site that declares none: `Schemas` is the empty object type then, and `Undeclared` is
 * 'store', as the cast says.
 */
function noPreferences<Schemas extends PreferenceSchemas, Undeclared extends UndeclaredPreferences>(): Preferences<
  Schemas,
  Undeclared
> {
  return definePreferences<NoPreferences>({}) as unknown as Preferences<Schemas, Undeclared>
}

/** The arguments of the operation of the core itself. What a transaction is, the repository alone knows. */
export const coreArguments: ArgumentTable<Pick<UserCore<unknown>, 'hasRight'>> = {
  hasRight: { value: [actor, argument('right', oneOf(...rights))] },
}

function userCore<
  Transaction,
  Schemas extends PreferenceSchemas,
  Fields extends ExtendedFields,
  Undeclared extends UndeclaredPreferences,
>(
  core: Core<Transaction>,
  preferences: Preferences<Schemas, Undeclared>,
): UserCore<Transaction, Schemas, Fields, Undeclared> {
  return {
    accounts: accountOperations(core),
    extendedProfile: extendedProfileOperations(core),
    preferences: preferenceOperations(core, preferences),
    emailOptIns: emailOptInOperations(core),
    courseTags: courseTagOperations(core),
    partitions: partitionOperations(core),
    retirement: retirementOperations(core),
    personalData: personalDataOperations(core),
    retired: retiredOperations(core),
    outbox: outbox(core),
    idempotency: idempotency(core),
    settings: core.settings,
    ...checkedOperations<Pick<UserCore<unknown>, 'hasRight'>>(core, 'core', coreArguments, {
      hasRight: (actor, right) => hasRight(actor, right, core.settings),
    }),
    with(transaction) {
      const repository = inside(core.repository, transaction)
      const personalData = core.personalData && inside(core.personalData, transaction)
      return userCore({ ...core, repository, personalData, lanes: undefined }, preferences)
    },
  }
}

function inside<Transaction, Store>(store: { with(transaction: Transaction): Store }, transaction: Transaction): Store {
  requireOption(transaction, document, 'transaction')
  try {
    return store.with(transaction)
  } catch (error) {
    throw reportedAs('internal_error', error)
  }
}
