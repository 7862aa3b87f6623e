import type { Context } from 'hono'
import type { Kysely, SelectQueryBuilder } from 'kysely'
import { orgOfCourse } from 'usercore/rules'
import { isSame } from './authentication.ts'
import type { Tables } from './database.ts'
import { detailed, refusal } from './errors.ts'
import { type App, type Env, route } from './http.ts'
import type { Site } from './site.ts'

/**
 * Old lists from server to server, for those who have the key: people and preferences, by numbered pages. They read the
 * tables themselves: the library pages by keys, which do not lose their place when rows come and go.
 */
export function serverListsRoutes(app: App, site: Site): void {
  const { db } = site
  for (const prefix of ['/user_api/v1', '/api/user/v1']) {
    const base = site.url + prefix
    const list = (path: string, handler: (c: Context<Env>) => Promise<Response>) =>
      route(app, prefix + path, 'everyone', {
        GET(c) {
          requireApiKey(c, site)
          return handler(c)
        },
      })
    const people = () => db.selectFrom('usercore_users').select('id as user_id').orderBy('id')
    const preferences = () =>
      db.selectFrom('usercore_preferences').select(['user_id', 'key', 'value']).where('value', 'is not', null)
    const usersOf = (rows: readonly { user_id: number }[]) => {
      const ids = rows.map(({ user_id }) => user_id)
      return loadUsers(site, base, ids)
    }
    const itemsOf = async (rows: readonly { user_id: number; key: string; value: string | null }[]) => {
      const users = await usersOf(rows)
      return rows.map(({ user_id, key, value }) => {
        const url = `${base}/user_prefs/${user_id}-${encodeURIComponent(key)}/`
        return { user: users.get(user_id), key, value, url }
      })
    }

    list('/users/', async (c) => {
      const page = pageOf(c, base, await countRows(db, people()))
      const rows = await people().limit(page.size).offset(page.start).execute()
      return c.json(page.envelope([...(await usersOf(rows)).values()]))
    })

    list('/users/:id/', async (c) => {
      const [user] = (await loadUsers(site, base, [Number(c.req.param('id'))])).values()
      if (user === undefined) throw detailed(404)
      return c.json(user)
    })

    list('/user_prefs/', async (c) => {
      const { key, user } = c.req.query()
      const matching = () => {
        const all = user ? preferences().where('user_id', '=', Number(user)) : preferences()
        return (key ? all.where('key', '=', key) : all).orderBy('user_id').orderBy('key')
      }
      const page = pageOf(c, base, await countRows(db, matching()))
      return c.json(page.envelope(await itemsOf(await matching().limit(page.size).offset(page.start).execute())))
    })

    list('/user_prefs/:id/', async (c) => {
      const [, user_id = '', key = ''] = /^(\d+)-(.+)$/s.exec(c.req.param('id') ?? '') ?? []
      const row = preferences().where('user_id', '=', Number(user_id)).where('key', '=', key)
      const [item] = await itemsOf(await row.execute())
      if (item === undefined) throw detailed(404)
      return c.json(item)
    })

    list('/preferences/:key{[-_a-zA-Z0-9]+}/users/', async (c) => {
      const matching = () =>
        preferences()
          .where('key', '=', c.req.param('key') ?? '')
          .orderBy('user_id')
      const page = pageOf(c, base, await countRows(db, matching()))
      const rows = await matching().limit(page.size).offset(page.start).execute()
      return c.json(page.envelope([...(await usersOf(rows)).values()]))
    })

    list('/forum_roles/:name{[a-zA-Z]+}/users/', async (c) => {
      if (orgOfCourse(c.req.query('course_id') ?? '') === undefined)
        throw refusal(400, { detail: 'course_id is needed.' })
      // There is no forum here, and so no person with a role in one.
      return c.json(pageOf(c, base, 0).envelope([]))
    })
  }
}

function requireApiKey(c: Context, { apiKey }: Site): void {
  if (apiKey === undefined || !isSame(c.req.header('x-edx-api-key') ?? '', apiKey)) throw detailed(403)
}

/** People with their preferences, by id, in the order of the ids. Two statements, however many. */
async function loadUsers({ db }: Site, base: string, ids: readonly number[]) {
  const users = await db
    .selectFrom('usercore_users as users')
    .leftJoin('usercore_profiles as profiles', 'profiles.user_id', 'users.id')
    .select(['users.id', 'email', 'name', 'username'])
    .where('users.id', 'in', [...ids])
    .orderBy('users.id')
    .execute()
  const preferences = await db
    .selectFrom('usercore_preferences')
    .select(['user_id', 'key', 'value'])
    .where('user_id', 'in', [...ids])
    .where('value', 'is not', null)
    .execute()
  return new Map(
    users.map(({ id, email, name, username }) => {
      const own = preferences.filter(({ user_id }) => user_id === id).map(({ key, value }) => [key, value])
      const url = `${base}/users/${id}/`
      return [id, { id, url, email, name: name ?? '', username, preferences: Object.fromEntries(own) }]
    }),
  )
}

/** The number of rows of a query. */
async function countRows(db: Kysely<Tables>, query: SelectQueryBuilder<Tables, never, object>): Promise<number> {
  const { rows } = await db
    .selectFrom(query.as('matching'))
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow()
  return rows
}

const defaultSize = 10
const largestSize = 100

/** Which page a request asks for. Throws 404 for one that is not there. */
function pageOf(c: Context, base: string, count: number) {
  const asked = Number(c.req.query('page_size'))
  const size = Number.isInteger(asked) && asked > 0 ? Math.min(asked, largestSize) : defaultSize
  const num_pages = Math.max(1, Math.ceil(count / size))
  const wanted = c.req.query('page') ?? '1'
  const current_page = wanted === 'last' ? num_pages : Number(wanted)
  if (!Number.isInteger(current_page) || current_page < 1 || current_page > num_pages) throw detailed(404)
  const start = (current_page - 1) * size
  const linkTo = (page: number) => {
    if (page < 1 || page > num_pages) return null
    const url = new URL(c.req.url.slice(new URL(c.req.url).origin.length), base)
    if (page === 1) url.searchParams.delete('page')
    else url.searchParams.set('page', String(page))
    return url.href
  }
  return {
    size,
    start,
    envelope: (results: readonly unknown[]) => ({
      next: linkTo(current_page + 1),
      previous: linkTo(current_page - 1),
      count,
      num_pages,
      current_page,
      start,
      results,
    }),
  }
}
