import { randomBytes } from 'node:crypto'
import type { Kysely, Transaction } from 'kysely'
import { createUserCore, type Enrollments, type SettingsInput, system, type UserCore } from 'usercore'
import { kyselyRepository } from 'usercore/kysely'
import { orgOfCourse } from 'usercore/rules'
import { openDatabase, type Tables } from './database.ts'
import { siteCredentials } from './people.ts'
import { pipeline } from './pipeline.ts'

/** The worker that drives retirements, as in Open edX. A setting gives the right to its name, and so reserves it. */
export const retirementWorker = 'RETIREMENT_SERVICE_USER'

/** The options of a site. All but its address have a default. */
export interface SiteOptions {
  /** Scheme, host and port by which clients reach it. */
  readonly url: string
  /** SQLite file. Default: none, everything is gone with the process. */
  readonly database?: string
  /** Signs tokens; 32 bytes. Default: drawn, so that tokens are void with the next start. */
  readonly secret?: Uint8Array
  readonly clock?: () => Date
  /** Settings of usercore. `retired_identifier_keys` are needed for retirements. */
  readonly settings?: SettingsInput
  /** Origins of the stock pages. Default: where their development servers run. */
  readonly pages?: readonly string[]
  /** The address at which people log in. Default: the page of this server. */
  readonly logInPage?: string
  /** The address to which people are sent after the log-in. Default: that of the stock dashboard. */
  readonly dashboard?: string
  /** The address of the stock account page, to which `/account/settings` leads. */
  readonly accountPage?: string
  /** The address of the stock profile page, to which `/u/{username}` leads; ends in `/`. */
  readonly profilePage?: string
  /** The people who can log in for a trial, with their passwords, as the start page shows them to all visitors. Default: none. */
  readonly people?: readonly { readonly username: string; readonly password: string; readonly role: string }[]
  /** Key of the old lists for servers (`X-Edx-Api-Key`). Default: none, and the lists are refused. */
  readonly apiKey?: string
  /** Whether `bulk_retire_users` is there. Default false. */
  readonly bulkRetirement?: boolean
  /** Most questions about registration values from one address in seven days. Default 30. */
  readonly validationLimit?: number
  /** Most requests for a link to another password from one address in an hour. Default 5. */
  readonly passwordResetLimit?: number
  /** Makes a square JPEG of some pixels out of an uploaded image. Default: it stays as it came. */
  readonly scaleImage?: (image: Uint8Array, pixels: number) => Promise<Uint8Array>
  /** Hears of what went wrong inside. Default: failures are not told. */
  readonly onFailure?: (error: unknown) => void
}

/** A running site: usercore, the site's own tables beside it, and how it was set up. */
export interface Site extends Required<Omit<SiteOptions, 'database' | 'settings' | 'apiKey' | 'scaleImage'>> {
  readonly db: Kysely<Tables>
  readonly users: UserCore<Transaction<Tables>>
  readonly apiKey: string | undefined
  readonly scaleImage: (image: Uint8Array, pixels: number) => Promise<Uint8Array>
}

export async function openSite(options: SiteOptions): Promise<Site> {
  const { url, clock = () => new Date() } = options
  const db = await openDatabase(options.database ?? ':memory:')
  const users = createUserCore({
    repository: kyselyRepository(db, { dialect: 'sqlite' }),
    settings: {
      extended_profile_fields: ['occupation', 'department', 'work_experience'],
      site_url: url,
      retirement_service_worker_username: retirementWorker,
      profile_image_base_url: `${url}/profile-images/`,
      // As the original, whose driver cleans up whenever it is started.
      writes_during_cool_off: 'all',
      settle_minutes: 0,
      ...options.settings,
    },
    clock,
    credentials: siteCredentials(db),
    enrollments: siteEnrollments(db),
  })
  const { states } = await users.retirement.getPipeline(system)
  if (states.length === 0) await users.retirement.setPipeline(system, pipeline)
  return {
    url,
    clock,
    db,
    users,
    secret: options.secret ?? randomBytes(32),
    pages: options.pages ?? ['http://localhost:1995', 'http://localhost:1997'],
    logInPage: options.logInPage ?? `${url}/login`,
    dashboard: options.dashboard ?? 'http://localhost:1996/learner-dashboard/',
    accountPage: options.accountPage ?? 'http://localhost:1997/',
    profilePage: options.profilePage ?? 'http://localhost:1995/',
    people: options.people ?? [],
    apiKey: options.apiKey,
    bulkRetirement: options.bulkRetirement ?? false,
    validationLimit: options.validationLimit ?? 30,
    passwordResetLimit: options.passwordResetLimit ?? 5,
    scaleImage: options.scaleImage ?? (async (image) => image),
    onFailure: options.onFailure ?? (() => {}),
  }
}

/** Courses are the host's: usercore asks who takes them when partners have to be told of a retirement. */
function siteEnrollments(db: Kysely<Tables>): Enrollments {
  const enrollments = db.selectFrom('site_enrollments').select(['user_id', 'course_id'])
  return {
    async coursesOf(orgs) {
      const rows = await db.selectFrom('site_enrollments').select('course_id').distinct().execute()
      const wanted = new Set(orgs.map((org) => org.toLowerCase()))
      return rows.flatMap(({ course_id }) => {
        const org = orgOfCourse(course_id)
        return org !== undefined && wanted.has(org.toLowerCase()) ? [{ course_id, org }] : []
      })
    },
    enrollmentsOf: (ids) => enrollments.where('user_id', 'in', ids.map(Number)).execute(),
    async *enrolledIn(course_ids) {
      yield await enrollments.where('course_id', 'in', [...course_ids]).execute()
    },
  }
}
