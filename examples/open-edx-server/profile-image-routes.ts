import type { Context } from 'hono'
import { system } from 'usercore'
import { identifierKey } from 'usercore/rules'
import { mediaType, readParts } from './bodies.ts'
import { detailed, refusal, texts } from './errors.ts'
import { type App, actorOf, type Env, route, usernameIn } from './http.ts'
import type { SitePerson } from './people.ts'
import { checkImage, type Upload } from './profile-image.ts'
import type { Site } from './site.ts'

/** Profile images: uploaded and removed by their owner, public to those who know the address. */
export function profileImageRoutes(app: App, site: Site): void {
  const upload = async (c: Context<Env>) => {
    const person = ownerIn(c)
    const file = await readUpload(c)
    if (file === undefined) throw refusal(400, texts('no_file', 'Choose a file.'))
    const problem = checkImage(file)
    if (problem !== undefined) throw refusal(400, texts(problem.code, problem.message))
    await storeImage(site, person, file)
    await site.users.accounts.setProfileImage(actorOf(c), person.username, { uploaded: true })
    return c.body(null, 204)
  }
  const remove = async (c: Context<Env>) => {
    const person = ownerIn(c)
    // Its files go when the outbox is delivered, after the flag is off for good.
    await site.users.accounts.setProfileImage(actorOf(c), person.username, { uploaded: false })
    return c.body(null, 204)
  }
  route(app, '/api/user/v1/accounts/:username/image', 'logged in', { POST: upload, DELETE: remove })
  route(app, '/api/profile_images/v1/:username/upload', 'logged in', { POST: upload })
  route(app, '/api/profile_images/v1/:username/remove', 'logged in', { POST: remove })

  route(app, '/profile-images/:name', 'everyone', {
    async GET(c) {
      const name = c.req.param('name') ?? ''
      const image = await site.db
        .selectFrom('site_images')
        .select(['content', 'type'])
        .where('name', '=', name)
        .executeTakeFirst()
      if (image === undefined) throw detailed(404)
      return c.body(new Uint8Array(image.content), 200, { 'Content-Type': image.type })
    },
  })
}

/** Whose image a path names: one's own. Staff learn that they may not, others that there is nothing. */
function ownerIn(c: Context<Env>): SitePerson {
  const { person } = c.get('requester')
  if (person === undefined || identifierKey(usernameIn(c)) !== identifierKey(person.username)) {
    throw detailed(person?.actor.staff === true ? 403 : 404)
  }
  return person
}

/** The file of a form, or a body that is the file, with its name in a header. */
async function readUpload(c: Context): Promise<Upload | undefined> {
  if (mediaType(c) === 'multipart/form-data') {
    const { file } = await readParts(c)
    if (!(file instanceof File)) return undefined
    return { name: file.name, type: file.type, content: new Uint8Array(await file.arrayBuffer()) }
  }
  const [, name] = /filename="?([^";]+)"?/.exec(c.req.header('content-disposition') ?? '') ?? []
  if (name === undefined) return undefined
  return { name, type: mediaType(c), content: new Uint8Array(await c.req.arrayBuffer()) }
}

async function storeImage(site: Site, { username }: SitePerson, { type, content }: Upload): Promise<void> {
  const names = Object.entries(await site.users.accounts.profileImageNames(system, username))
  const rows = await Promise.all(
    names.map(async ([pixels, name]) => ({ name, type, content: await site.scaleImage(content, Number(pixels)) })),
  )
  await site.db
    .insertInto('site_images')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((eb) => ({ type: eb.ref('excluded.type'), content: eb.ref('excluded.content') })),
    )
    .execute()
}
