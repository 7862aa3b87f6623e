import { isUserCoreError } from 'usercore'
import { requireLookUp } from './accounts-routes.ts'
import { readJsonMembers, readMembers } from './bodies.ts'
import { detailed, refusal, texts } from './errors.ts'
import { type App, actorOf, route, usernameIn } from './http.ts'
import type { Site } from './site.ts'

/** Names that wait for approval, addresses to look for, and what workers and support do to accounts. */
export function accountChangesRoutes(app: App, { users }: Site): void {
  route(app, '/api/user/v1/accounts/name_change/', 'logged in', {
    async POST(c) {
      const { name } = await readMembers(c)
      try {
        // What is no text is refused there.
        await users.accounts.requestNameChange(actorOf(c), name as string)
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
      const replaced = await users.accounts.replaceUsernames(actorOf(c), username_mappings as Record<string, string>[])
      const { successful_replacements, failed_replacements } = replaced
      return c.json({ successful_replacements, failed_replacements })
    },
  })

  route(app, '/api/user/v1/accounts/:username/deactivate/', 'logged in', {
    async POST(c) {
      if (!users.hasRight(actorOf(c), 'deactivate_user')) throw detailed(403)
      return c.json(await users.accounts.deactivate(actorOf(c), usernameIn(c)))
    },
  })
}
