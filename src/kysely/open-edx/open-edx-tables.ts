import { randomBytes } from 'node:crypto'
import type { TablePreset } from '../table-definition.ts'
import type { UserTable } from '../user-table.ts'
import { openEdxLayout } from './layout.ts'

/**
 * Reads and writes an existing Open edX database (MySQL or MariaDB), so that a service can stand beside the original.
 *
 * ```ts
 * const options = { dialect: 'mysql', tables: openEdxTables } as const // or { ...openEdxTables, schema: 'edxapp' }
 * await migrate(db, options) // makes only the tables that the original lacks; its own tables are never altered
 * const users = createUserCore({ repository: kyselyRepository(db, options) })
 * ```
 *
 * | ours | the original's |
 * | --- | --- |
 * | people, profiles, lists | `auth_user`, `auth_userprofile`, `student_languageproficiency`, `student_sociallink` |
 * | extended profile: the holder's section | `auth_userprofile.meta`; the platform's own names in it stay as they are |
 * | second address, name that waits | `auth_accountrecovery`, `student_pendingnamechange` |
 * | preferences, tags | `user_api_userpreference`, `user_api_userorgtag`, `user_api_usercoursetag` |
 * | retirement: states, work items, requests, partner reports | `user_api_retirementstate`, `user_api_userretirementstatus`, `user_api_userretirementrequest`, `user_api_userretirementpartnerreportingstatus` |
 *
 * All other rows are in our tables, whose `user_id` refers to `auth_user`: outbox, idempotency keys, rate limits,
 * histories, usernames that were replaced, names of images that we gave, addresses and accounts that wait for a
 * confirmation, the other sections of extended profiles, and, beside the rows above, versions, leases and batches. Earlier names and addresses
 * are also added to `old_names` and `old_emails` in `meta`, where the original looks for them. Erasure removes them
 * again, together with the original's pending changes and activation key. A lock-out removes pending changes and key
 * alone; where an activation key ends otherwise, the original's is replaced by one that was never mailed. Further data
 * of a person in the original (links to other log-ins, certificates, attributes) are for the host, which the
 * notifications tell.
 *
 * **Guards of a write.** The original's rows have no version. Every write locks its rows, compares them with those that
 * were loaded, and stops when they differ; loading and deciding then starts again, as on any store. So no change that
 * the original made before our write is lost. The other way round there is no guard: the original saves whole profiles
 * as it read them, and so undoes the changes that others, itself included, wrote in between. Versions are numbers made
 * from the stored values; that of an account counts up by one with each change of ours, and jumps with one of the
 * original. A preference or tag that was set and deleted again between two looks counts as never set: deleting it
 * removes its row. Transactions of our own run at `read committed`, like those of the original.
 *
 * **Lists of people** are read from the original's tables but for fields that are marked `searchable`, whose values are in a
 * table of ours: those that the original writes are found after `accounts.reindex`. `searchIndexes` names the indexes that
 * the original lacks.
 *
 * **Differences.** Names, addresses and keys are compared by the collation of the original's columns, mostly without
 * regard to letter case and accents: a preference whose key differs from a stored one only in that is refused, with the
 * `driver_code` `ER_DUP_ENTRY`. Values longer than the original's columns (`social_link`: 100 characters) are refused
 * by the database. The original does not know the usernames that we keep reserved. It finds images by username: set
 * `profile_image_naming` to `username` and `profile_image_hash_seed` to its own seed. Passwords are in
 * `auth_user.password`, for the `credentials` hook to write in Django's form; a new account has an unusable one. Moves
 * of retirements are in our history, not in `responses`; the id of a retirement is that of its row. Either side may
 * move retirements, or both.
 */
export const openEdxTables: TablePreset = {
  dialect: 'mysql',
  describe(places) {
    const users = openEdxUsers(places.theirs.schema)
    return { users, layout: openEdxLayout(places, users) }
  },
}

/** Returns the mapping of its table of people. */
function openEdxUsers(schema: string | undefined): UserTable {
  return {
    table: 'auth_user',
    ...(schema === undefined ? {} : { schema }),
    idType: 'int',
    columns: {
      id: 'id',
      username: 'username',
      email: 'email',
      first_name: 'first_name',
      last_name: 'last_name',
      is_active: 'is_active',
      date_joined: 'date_joined',
      last_login: 'last_login',
    },
    defaults: {
      /** A password that Django takes for unusable; it makes its tokens and session hashes from it. */
      get password() {
        return `!${randomBytes(30).toString('base64url')}`
      },
      is_staff: false,
      is_superuser: false,
    },
  }
}
