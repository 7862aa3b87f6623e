// The core of a site

export {
  type AccountDocumentOf,
  type AccountPatchOf,
  createUserCore,
  type PreferencesOf,
  type UserCore,
  type UserCoreOptions,
} from './create-user-core.ts'
export type { Repository } from './port/repository.ts'
export type { UserId } from './port/tables.ts'

// Actors, the people whose accounts they are, declared fields and preferences, and the hooks and settings of a host

export * from './site/index.ts'

// Lists that go on, and tracing

export type * from './runtime/index.ts'

// Accounts and extended profiles

export type * from './accounts/index.ts'

// Preferences and time zones

export * from './preferences/index.ts'

// Mails of organisations

export type * from './email-opt-ins/index.ts'

// Tags and partitions of courses

export type * from './course-tags/index.ts'

// Retirement

export type { JournalEntry, RetirementJournal } from './port/retirement-journal.ts'
export type { RetirementAction } from './port/retirement-record.ts'
export * from './retirement/index.ts'

// Tables with data of people

export * from './personal-data/index.ts'

// Messages

export * from './outbox/index.ts'

// Errors, and the values of documents

export type { JsonPatchOperation } from './patch/json-patch.ts'
export * from './values/index.ts'
