import type { UserCore } from '../../src/create-user-core.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import type { UserId } from '../../src/port/tables.ts'
import { type Actor, anonymous, rights, system } from '../../src/site/actor.ts'
import { isUserCoreError } from '../../src/values/errors.ts'
import type { Argument } from '../../src/values/kinds.ts'
import { bringTo, move, openSite } from '../retirement/site.ts'
import { type FoundOperation, operationsOf } from '../support/operations.ts'

/** The actors who name themselves by username, by what makes them different. The first of each kind of person has an account of that name. */
const actors: Readonly<Record<string, Actor>> = {
  anonymous,
  'an object without members': {} as Actor,
  'anonymous that names a person': { anonymous: true, username: 'ada' } as Actor,
  person: { username: 'ada' },
  staff: { username: 'sue', staff: true },
  superuser: { username: 'root', superuser: true },
  'staff and superuser': { username: 'root', staff: true, superuser: true },
  ...Object.fromEntries(
    (
      [
        'deactivate_user',
        'cancel_retirement',
        'request_retirement',
        'force_retirement',
        'manage_outbox',
        'export_data',
        'hold_data',
      ] as const
    ).flatMap((permission): [string, Actor][] => [
      [`person with ${permission}`, { username: 'ada', permissions: [permission] }],
      [`staff with ${permission}`, { username: 'sue', staff: true, permissions: [permission] }],
    ]),
  ),
  'person named by retirement_service_worker_username': { username: 'worker' },
  'person named by username_replacement_worker': { username: 'renamer' },
  system,
  'system with a name': { system: true, name: 'crm' },
  'an object that inherits system': Object.create({ system: true }),
  'a person who inherits staff and superuser': inheriting({ staff: true, superuser: true }),
  'a person with rights that are text': {
    username: 'ada',
    staff: 'true',
    superuser: 'true',
    system: 'true',
    permissions:
      'deactivate_user cancel_retirement request_retirement force_retirement manage_outbox export_data hold_data',
  } as never,
}

/** Actors who name themselves by id: they name others by id as well. */
function actorsById(ids: Site['ids']): Readonly<Record<string, Actor>> {
  const named = (username: string) => ({ id: ids.get(username) as UserId })
  return {
    'person by id': named('ada'),
    'staff by id': { ...named('sue'), staff: true },
    'superuser by id': { ...named('root'), superuser: true },
    'person by id whose username retirement_service_worker_username has': named('worker'),
    'person by id whose username username_replacement_worker has': named('renamer'),
    'person by id who was erased': named('ret'),
  }
}

function inheriting(members: object): Actor {
  return Object.assign(Object.create(members), { username: 'ada' })
}

/** Whom a call is about; `self` is the actor. */
const targets = ['self', 'another', 'unknown', 'retired', 'inactive'] as const

const usernames = { another: 'cy', unknown: 'nobody', retired: 'ret', inactive: 'ina' } as const

interface Site {
  readonly users: UserCore<unknown>
  readonly repository: Repository
  readonly operations: readonly FoundOperation[]
  /** Ids of people, by username. */
  readonly ids: ReadonlyMap<string, unknown>
  /** Makes a call whose writes are dropped. */
  tried(call: (users: UserCore<unknown>) => Promise<unknown>): Promise<unknown>
}

async function openMatrix(): Promise<Site> {
  const memory = memoryRepository()
  const repository = memory as Repository
  const people = ['ada', 'sue', 'root', 'worker', 'renamer', 'cy', 'ret', 'ina']
  const site = await openSite(repository, people)
  await bringTo(site, 'ret', 'RETIRING_LMS')
  await site.users.retirement.runStep(system, 'ret', 'account')
  await move(site.users, 'ret', 'COMPLETE')
  await site.users.accounts.updateAsOperator(system, 'ina', { is_active: false })
  const settings = { retirement_service_worker_username: 'worker', username_replacement_worker: 'renamer' }
  // Passwords of the host are kept in no transaction: here they never change.
  const credentials = { verify: async () => true, set: async () => {}, disable: async () => {} }
  const users = site.another(repository, { settings, credentials })
  const rows = await repository.select('users', {})
  const ids = new Map<string, unknown>(rows.map(({ id, username }) => [username, id]))
  ids.set('ret', (await repository.select('retirements', { original_username: 'ret' }))[0]?.user_id)
  const dropped = new Error('dropped')
  const tried: Site['tried'] = async (call) => {
    let answer: Promise<unknown> = Promise.resolve()
    await memory
      .transaction(async (transaction) => {
        answer = call(users.with(transaction))
        await answer.catch(() => {})
        throw dropped
      })
      .catch((error) => {
        if (error !== dropped) throw error
      })
    return answer
  }
  const operations = operationsOf(users).filter(({ name, list }) => name !== 'with' && list[0]?.name === 'actor')
  return { users, repository, operations, ids, tried }
}

/** The arguments of an operation that say whom it is about. */
function aboutPerson({ name, kind }: Argument, username: string, ids: Site['ids'], isById: boolean): unknown {
  const isList = kind.is === 'list'
  const email = `${username}@example.com`
  const id = ids.get(username) ?? 999
  const whom = isById ? { id } : username
  const values: Readonly<Record<string, unknown>> = {
    whom: isList ? [whom] : whom,
    username,
    usernames: [username],
    email,
    emails: [email],
    id,
    user_id: id,
    target: isById ? { id } : { username },
    input: { users: [{ username, email }] },
    replacements: [{ whom, username: 'renamed' }],
    rows: [{ whom: { id }, org: 'OrgX' }],
  }
  return values[name]
}

/** Somebody who is not there yet. */
const account = { username: 'dora', email: 'dora@example.com', name: 'Dora' }

interface Variant extends FoundOperation {
  /** Arguments in place of those that the operation gets otherwise. */
  readonly more?: Readonly<Record<string, unknown>>
}

/** Options without which a call would not come to an answer. */
const optionsFor: Readonly<Record<string, object>> = {
  'retirement.request': { password: 'secret' },
  'retirement.work': { idle: 'return' },
}

/** Operations that ask for another right with other arguments. */
function variantsOf(operations: readonly FoundOperation[]): Variant[] {
  const request = { state: 'ERRORED', note: null, force: true }
  const variants: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
    ['accounts.create', 'active', { options: { active: true } }],
    ['accounts.get', 'as others see it', { options: { view: 'shared' } }],
    ['partitions.assign', 'that only looks', { options: { assign: false } }],
    ['retirement.move', 'by force', { request }],
    ['retirement.request', 'again', { options: { again: true } }],
    ...rights.map((right) => ['hasRight', right, { right }] as const),
  ]
  return variants.flatMap(([name, title, more]) =>
    operations
      .filter((operation) => operation.name === name)
      .map((operation) => ({
        ...operation,
        name: `${name} (${title})`,
        more,
      })),
  )
}

/** What a call comes to: `ok`, with the number of fields where the answer is an account; or the code of the error. */
async function outcomeOf(answer: Promise<unknown>): Promise<string> {
  try {
    const found = await answer
    if (typeof found === 'boolean') return String(found)
    const [first] = Array.isArray(found) ? found : found instanceof Map ? [...found.values()] : [found]
    const account = first?.account ?? first
    const isAccount = typeof account === 'object' && account !== null && 'profile_image' in account
    return isAccount ? `ok (${Object.keys(account).length} fields)` : 'ok'
  } catch (error) {
    return isUserCoreError(error)
      ? [error.code, ...('reason' in error.params ? [error.params.reason] : [])].join(' ')
      : String(error)
  }
}

/**
 * Every operation, with what it answers each actor about each target. Actors that get the same share a line, and
 * operations that answer the same a section.
 */
export async function rightsMatrix(): Promise<string> {
  const site = await openMatrix()
  const sections = new Map<string, string[]>()
  const names = new Map([...site.ids].map(([username, id]) => [id, username]))
  for (const { name, list, sample, call, more } of [
    ...site.operations.filter(({ name }) => name !== 'hasRight'),
    ...variantsOf(site.operations),
  ] as Variant[]) {
    const isAboutPerson = list.some((argument) => aboutPerson(argument, 'ada', site.ids, false) !== undefined)
    const lines = new Map<string, string[]>()
    for (const [title, actor] of Object.entries({ ...actors, ...actorsById(site.ids) })) {
      const isById = 'id' in actor
      const own = isById ? names.get(actor.id) : 'username' in actor ? actor.username : undefined
      const outcomes: string[] = []
      for (const target of isAboutPerson ? targets : (['self'] as const)) {
        const username = target === 'self' ? own : usernames[target]
        if (isAboutPerson && username === undefined) {
          outcomes.push(`${target}: –`)
          continue
        }
        const values = list.map((argument, index) => {
          const options = optionsFor[name]
          const given: Readonly<Record<string, unknown>> = { actor, options, account, ...more }
          if (argument.name in given) return given[argument.name]
          return aboutPerson(argument, username ?? 'ada', site.ids, isById) ?? sample[index]
        })
        outcomes.push(`${target}: ${await outcomeOf(site.tried((users) => call(users, values)))}`)
      }
      const line = shorten(outcomes, isAboutPerson)
      lines.set(line, [...(lines.get(line) ?? []), title])
    }
    const rows = [...lines].map(([line, titles]) => `  ${line}\n${wrapped(titles)}`).join('')
    sections.set(rows, [...(sections.get(rows) ?? []), name])
  }
  return [...sections].map(([rows, names]) => `${names.join('\n')}\n${rows}`).join('\n')
}

/** Names in lines of up to 110 characters. */
function wrapped(titles: readonly string[]): string {
  const lines: string[] = []
  let line = ''
  for (const title of titles) {
    if (line !== '' && line.length + title.length > 104) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? title : `; ${title}`
  }
  return [...lines, line].map((text) => `    ${text}\n`).join('')
}

/** Outcomes that are the same for each target are said once. */
function shorten(outcomes: readonly string[], isAboutPerson: boolean): string {
  const codes = outcomes.map((outcome) => outcome.slice(outcome.indexOf(': ') + 2))
  const told = new Set(codes.filter((code) => code !== '–'))
  if (told.size === 1) return isAboutPerson ? `whomever: ${[...told][0]}` : `${[...told][0]}`
  const targetsOf = Map.groupBy(outcomes, (outcome) => outcome.slice(outcome.indexOf(': ') + 2))
  return [...targetsOf]
    .filter(([code]) => code !== '–')
    .map(([code, same]) => `${same.map((outcome) => outcome.split(':')[0]).join(', ')}: ${code}`)
    .join(' | ')
}
