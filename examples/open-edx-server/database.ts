import Database from 'better-sqlite3'
import { type Generated, Kysely, SqliteDialect } from 'kysely'
import { keptStatements, migrate } from 'usercore/kysely'
import type { PreferenceRow, ProfileRow, UserRow } from 'usercore/port'

/** The data of people that this site keeps beside usercore: their log-in and their rights. */
interface PersonTable {
  user_id: number
  /** Null for a person who cannot log in with a password. */
  password_hash: string | null
  is_staff: number
  is_superuser: number
  /** JSON: a list of usercore's `Permission`s. */
  permissions: string
  /** Counts up when everything that was signed for the person becomes void. */
  generation: number
}

/** Sessions and access tokens, by hash, so that a copy of the table lets no reader in. */
interface TokenTable {
  hash: string
  kind: 'session' | 'access'
  user_id: number
  expires_at: string
}

/** Programs that get tokens for an account (OAuth 2, client credentials). */
interface ClientTable {
  client_id: string
  secret_hash: string
  user_id: number
}

/** Links by which a forgotten password is changed: by hash of their key, with the address that they were mailed to. */
interface PasswordResetTable {
  hash: string
  user_id: number
  email: string
  expires_at: string
}

/** Mails of this site that wait to be sent; those of usercore wait in its outbox. */
interface MailTable {
  id: Generated<number>
  user_id: number
  name: string
  email: string
  link: string
}

interface EnrollmentTable {
  user_id: number
  course_id: string
  is_active: number
}

interface ImageTable {
  name: string
  type: string
  content: Uint8Array
}

/** The tables of this site, and those of usercore that it reads: they stand side by side in one database. */
export interface Tables {
  site_people: PersonTable
  site_tokens: TokenTable
  site_clients: ClientTable
  site_password_resets: PasswordResetTable
  site_mails: MailTable
  site_enrollments: EnrollmentTable
  site_images: ImageTable
  usercore_users: Omit<UserRow, 'id' | 'is_active'> & { id: number; is_active: number }
  usercore_profiles: Omit<ProfileRow, 'user_id'> & { user_id: number }
  usercore_preferences: Omit<PreferenceRow, 'user_id'> & { user_id: number }
}

/** Opens a SQLite file (`:memory:` for none) with every table in it. */
export async function openDatabase(file: string): Promise<Kysely<Tables>> {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: keptStatements(new Database(file)) }) })
  await migrate(db, { dialect: 'sqlite' })
  const { schema } = db
  await schema
    .createTable('site_people')
    .ifNotExists()
    .addColumn('user_id', 'integer', (column) => column.primaryKey().references('usercore_users.id'))
    .addColumn('password_hash', 'text')
    .addColumn('is_staff', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('is_superuser', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('permissions', 'text', (column) => column.notNull().defaultTo('[]'))
    .addColumn('generation', 'integer', (column) => column.notNull().defaultTo(1))
    .execute()
  await schema
    .createTable('site_tokens')
    .ifNotExists()
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('user_id', 'integer', (column) => column.notNull().references('usercore_users.id'))
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('site_clients')
    .ifNotExists()
    .addColumn('client_id', 'text', (column) => column.primaryKey())
    .addColumn('secret_hash', 'text', (column) => column.notNull())
    .addColumn('user_id', 'integer', (column) => column.notNull().references('usercore_users.id'))
    .execute()
  await schema
    .createTable('site_password_resets')
    .ifNotExists()
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'integer', (column) => column.notNull().references('usercore_users.id'))
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('site_mails')
    .ifNotExists()
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('user_id', 'integer', (column) => column.notNull().references('usercore_users.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('link', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('site_enrollments')
    .ifNotExists()
    .addColumn('user_id', 'integer', (column) => column.notNull().references('usercore_users.id'))
    .addColumn('course_id', 'text', (column) => column.notNull())
    .addColumn('is_active', 'integer', (column) => column.notNull().defaultTo(1))
    .addPrimaryKeyConstraint('site_enrollments_key', ['user_id', 'course_id'])
    .execute()
  await schema
    .createTable('site_images')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('content', 'blob', (column) => column.notNull())
    .execute()
  return db
}
