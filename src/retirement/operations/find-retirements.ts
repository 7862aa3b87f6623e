import { retiredForms } from '../../accounts/retired-identifier.ts'
import type { RetirementRequestRow, UserId } from '../../port/tables.ts'
import { requireRight } from '../../runtime/authorize.ts'
import type { Core } from '../../runtime/core.ts'
import type { Actor } from '../../site/actor.ts'
import { showInstant } from '../../values/instant.ts'
import { identifierKey } from '../../values/text.ts'
import { type RetirementDocument, retirementDocument } from '../retirement-document.ts'
import { loadStates } from './load-retirement.ts'

/** A retirement that was found by a name of the person. */
export interface FoundRetirement {
  readonly user_id: UserId
  /** The moment of the first request; ISO 8601, UTC. */
  readonly requested: string
  /** True once it has begun, so that it can no longer be cancelled. */
  readonly is_started: boolean
  /** The work on it; null once `cleanUp` has forgotten who the person was. */
  readonly retirement: RetirementDocument | null
}

export async function findRetirements(core: Core, actor: Actor, name: string): Promise<FoundRetirement[]> {
  requireRight(core, actor, 'retire_user')
  const { repository, settings } = core
  const key = identifierKey(name)
  if (key === '') return []
  const forms = (['username', 'email'] as const).flatMap((kind) => retiredForms(kind, name, settings))
  const keys = [...new Set([key, ...forms.map(identifierKey)])]
  const named = [
    ...(await repository.select('users', { username_key: keys })),
    ...(await repository.select('users', { email_key: keys })),
  ]
  const original = [
    ...(await repository.select('retirements', { original_username_key: key })),
    ...(await repository.select('retirements', { original_email_key: key })),
  ]
  const ids = [...new Set([...named.map(({ id }) => id), ...original.map(({ user_id }) => user_id)])]
  if (ids.length === 0) return []
  const requests = await repository.select('retirement_requests', { user_id: ids })
  const documents = await documentsOf(core, requests)
  return requests
    .toSorted((a, b) => (a.created_at < b.created_at ? -1 : 1))
    .map(({ user_id, created_at, is_started }) => {
      return { user_id, requested: showInstant(created_at), is_started, retirement: documents.get(user_id) ?? null }
    })
}

/** Returns the documents of people who have a work item. */
async function documentsOf(
  core: Core,
  requests: readonly RetirementRequestRow[],
): Promise<Map<UserId, RetirementDocument>> {
  const { repository } = core
  const user_id = requests.map((request) => request.user_id)
  const retirements = user_id.length === 0 ? [] : await repository.select('retirements', { user_id })
  if (retirements.length === 0) return new Map()
  const users = new Map((await repository.select('users', { id: user_id })).map((user) => [user.id, user]))
  const profiles = new Map((await repository.select('profiles', { user_id })).map((row) => [row.user_id, row]))
  const generations = new Map(requests.map((request) => [request.user_id, request.generation]))
  const states = await loadStates(core)
  return new Map(
    retirements.flatMap((retirement): [UserId, RetirementDocument][] => {
      const user = users.get(retirement.user_id)
      if (user === undefined) return []
      const profile_name = profiles.get(user.id)?.name
      const record = { retirement, user, profile_name, generation: generations.get(user.id) ?? 1 }
      return [[user.id, retirementDocument(record, states)]]
    }),
  )
}
