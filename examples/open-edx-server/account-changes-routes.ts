import { isUserCoreError } from 'usercore'
import { requireLookUp } from './accounts-routes.ts'
import { isMappings, readJsonMembers, readMembers } from './bodies.ts'
import { detailed, refusal, texts } from './errors.ts'
import { type App, actorOf, ownUsername, route, usernameIn } from './http.ts'
import type { Site } from './site.ts'

/** Names that wait for approval, addresses to look for, and what workers and support do to accounts. */
export function accountChangesRoutes(app: App, { users }: Site): void {
  route(app, '/api/user/v1/accounts/name_change/', 'logged in', {
    async POST(c) {
      const { name } = await readMembers(c)
      try {
        // A value that is no text is refused there.
        await users.accounts.requestNameChange(actorOf(c), ownUsername(c), name as string)
      } catch (error) {
        if (!isUserCoreError(error) || error.field_errors.name === undefined) throw error
        const { code, user_message } = error.field_errors.name
        throw refusal(400, { new_name: code === 'unchanged' ? user_message : [user_message] })
      }
      return c.body(null, 201)
    },
  })

  route(app, '/api/user/v1/accounts/name_change/:username/confirm/', 'logged in', {
    async POST(c) {
      await users.accounts.confirmNameChange(actorOf(c), usernameIn(c))
      return c.body(null, 204)
    },
  })

  route(app, '/api/user/v1/accounts/search_emails', 'logged in', {
    async POST(c) {
      requireLookUp(c)
      if (c.get('requester').person?.actor.staff !== true)
        throw refusal(404, texts('not_found', 'There is nothing here.'))
      const { emails } = await readJsonMembers(c)
      // The original takes a text apart into characters, none of which is an address.
      return c.json(
        await users.accounts.searchByEmail(actorOf(c), typeof emails === 'string' ? [] : (emails as string[])),
      )
    },
  })

  route(app, '/api/user/v1/accounts/replace_usernames/', 'logged in', {
    async POST(c) {
      const { username_mappings } = await readMembers(c)
      if (!isMappings(username_mappings)) throw refusal(400, texts('bad_request (argument: username_mappings)'))
      const pairs = username_mappings.flatMap((mapping) => Object.entries(mapping))
      const replacements = pairs.map(([whom, username]) => ({ whom, username }))
      const { replaced, failed } = await users.accounts.replaceUsernames(actorOf(c), replacements)
      const refused = failed.filter(({ code }) => code !== 'user_not_found').map(({ whom }) => whom)
      // As in the original, a name that no one has counts as replaced.
      const unknown = failed.filter(({ code }) => code === 'user_not_found').map(({ whom }) => whom)
      return c.json({
        successful_replacements: [
          ...replaced.map(({ whom, username }) => ({ [whom]: username })),
          ...pairs.filter(([name]) => unknown.includes(name)).map(([name, wanted]) => ({ [name]: wanted })),
        ],
        failed_replacements: pairs
          .filter(([name]) => refused.includes(name))
          .map(([name, wanted]) => ({ [name]: wanted })),
      })
    },
  })

  route(app, '/api/user/v1/accounts/:username/deactivate/', 'logged in', {
    async POST(c) {
      if (!users.hasRight(actorOf(c), 'deactivate_user')) throw detailed(403)
      return c.json(await users.accounts.disableLogIn(actorOf(c), usernameIn(c)))
    },
  })
}
