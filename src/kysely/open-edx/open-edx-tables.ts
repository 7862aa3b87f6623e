import { randomBytes } from 'node:crypto'
import type { TablePreset } from '../table-definition.ts'
import type { UserTable } from '../user-table.ts'
import { openEdxLayout } from './layout.ts'

/**
 * Reads and writes an existing Open edX database (MySQL or MariaDB), so that a service can stand beside the original:
 *
 * ```ts
 * const options = { dialect: 'mysql', tables: openEdxTables } as const // or { ...openEdxTables, schema: 'edxapp' }
 * await migrate(db, options) // makes only what the original has no place for; its own tables are never altered
 * const users = createUserCore({ repository: kyselyRepository(db, options) })
 * ```
 *
 * | ours | the original's |
 * | --- | --- |
 * | people, profiles, lists | `auth_user`, `auth_userprofile`, `student_languageproficiency`, `student_sociallink` |
 * | extended profile: the part of the person | `auth_userprofile.meta`; the platform's own names in it stay as they are |
 * | second address, name that waits | `auth_accountrecovery`, `student_pendingnamechange` |
 * | preferences, tags | `user_api_userpreference`, `user_api_userorgtag`, `user_api_usercoursetag` |
 * | retirement: states, work items, requests, partner reports | `user_api_retirementstate`, `user_api_userretirementstatus`, `user_api_userretirementrequest`, `user_api_userretirementpartnerreportingstatus` |
 *
 * Everything else is in our tables, whose `user_id` refers to `auth_user`: outbox, rate limits, histories, usernames that
 * were replaced, names of images that we gave, addresses and accounts that wait for a confirmation, the other parts of extended profiles, and, beside the rows above,
 * versions, leases and batches. Earlier names and addresses are also added to `old_names` and `old_emails` in `meta`,
 * where the original looks for them. Erasure takes them out again, together with the original's pending changes and
 * activation key. A lock-out takes out pending changes and key alone; where an activation key ends otherwise, the
 * original's is replaced by one that no mail has told. What else the original has of a person (links to other log-ins,
 * certificates, attributes) is for the host, whom the notifications tell.
 *
 * **What guards a write.** The original's rows have no version. Every write locks the rows that it is about, compares
 * them with what was loaded, and stops when they differ; loading and deciding then starts again, as on any store. So
 * nothing is lost that the original changed before our write. The other way round there is no guard: the original saves
 * whole profiles as it read them, and so undoes what others, itself included, wrote in between. Versions are numbers
 * made of what is stored; that of an account counts up by one with each change of ours, and jumps with one of the
 * original. A preference or tag that was set and deleted again between two looks counts as never set: deleting it
 * removes its row. Transactions of our own run at `read committed`, like those of the original.
 *
 * **What differs.** Names, addresses and keys are compared by the collation of the original's columns, mostly without
 * regard to letter case and accents: a preference whose key differs from a stored one only in that is refused, with the
 * `driver_code` `ER_DUP_ENTRY`. Values longer than the original's columns (`social_link`: 100 characters) are refused by
 * the database. The original knows nothing of usernames that we keep reserved. It finds images by username: set
 * `profile_image_naming` to `username` and `profile_image_hash_seed` to its own seed. Passwords are in
 * `auth_user.password`, for the `credentials` hook to write in Django's form; a new account has an unusable one. Moves of
 * retirements are in our history, not in `responses`; the id of a retirement is that of its row. When only one side moves
 * retirements, let it be either; both may.
 */
export const openEdxTables: TablePreset = {
  dialect: 'mysql',
  describe(places) {
    const users = openEdxUsers(places.theirs.schema)
    return { users, layout: openEdxLayout(places, users) }
  },
}

/** Its people. */
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
      /** What Django takes for unusable; it makes its tokens and session hashes out of it. */
      get password() {
        return `!${randomBytes(30).toString('base64url')}`
      },
      is_staff: false,
      is_superuser: false,
    },
  }
}
