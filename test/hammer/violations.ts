import { type Entry, type Message, type Outcome, ownName, type Stored, sharedName } from './journal.ts'

/**
 * Weighs what clients did and saw against what is stored in the end. Answers every promise that was broken, as a
 * sentence; nothing where all were kept.
 *
 * A write that was answered is stored. One whose connection died may be stored or not, but as a whole, and once.
 */
export function violationsIn(journal: readonly Entry[], stored: Stored): string[] {
  const of = <What extends Entry['what']>(what: What) =>
    journal.filter((entry): entry is Extract<Entry, { what: What }> => entry.what === what)
  const messages = distinct(of('message').map(({ message }) => message))
  return [
    ...of('error').map(({ doing, error }) => `${doing} failed: ${error}`),
    ...of('torn').map(({ client }) => `client ${client} saw half of an update`),
    ...of('quiet').flatMap(({ broken }) => (broken > 0 ? [`${broken} connections of a pool do not work`] : [])),
    ...(stored.openTransactions > 0 ? [`${stored.openTransactions} transactions were left open`] : []),
    ...accountViolations(of('update'), messages, stored),
    ...preferenceViolations(of('preference'), messages, stored),
    ...holdViolations(
      'message',
      of('message').map((entry) => ({ ...entry, name: entry.message.id })),
    ),
    ...deliveryViolations(of('message'), of('delivered')),
    ...(stored.undelivered > 0 ? [`${stored.undelivered} messages are stuck`] : []),
    ...holdViolations(
      'retirement',
      of('claim').map((entry) => ({ ...entry, name: entry.username })),
    ),
    ...retirementViolations(of('claim'), of('lost claim'), of('move'), messages, stored),
  ]
}

type Of<What extends Entry['what']> = Extract<Entry, { what: What }>

function accountViolations(updates: readonly Of<'update'>[], messages: readonly Message[], stored: Stored): string[] {
  const { fieldHistory, fields, version, bio } = stored
  const linksOf = (name: string) => fieldHistory.filter(({ field_name }) => field_name === name)
  const owned = fieldHistory.filter(({ field_name }) => field_name !== sharedName)
  const events = messages.filter(({ name }) => name === 'account.changed')
  const versions = updates.flatMap((update) => (update.version === undefined ? [] : [update.version]))
  const clients = distinctValues(updates.map(({ client }) => client))
  return [
    ...clients.flatMap((client) => {
      const name = ownName(client)
      const writes = updates.filter((update) => update.client === client)
      return [
        ...chainViolations(`field ${name}`, null, linksOf(name), fields[name] ?? null),
        ...writeViolations(`field ${name}`, writes.map(own), linksOf(name)),
      ]
    }),
    ...chainViolations('the shared field', null, linksOf(sharedName), fields[sharedName] ?? null),
    ...writeViolations('the shared field', updates.flatMap(shared), linksOf(sharedName)),
    ...chainViolations('bio', null, changesOf(events, 'bio'), bio),
    ...(version === 1 + owned.length ? [] : [`the account has version ${version} after ${owned.length} changes`]),
    ...(events.length === owned.length ? [] : [`${owned.length} changes of the account, ${events.length} events`]),
    ...(new Set(versions).size === versions.length ? [] : ['two updates were told the same version']),
  ]
}

function preferenceViolations(
  writes: readonly Of<'preference'>[],
  messages: readonly Message[],
  { preferences }: Stored,
): string[] {
  const events = messages.filter(({ name }) => name === 'preferences.changed')
  const check = (key: string, asked: readonly Write[]) => {
    const links = changesOf(events, key)
    const row = preferences.find((preference) => preference.key === key)
    return [
      ...chainViolations(`preference ${key}`, null, links, row?.value ?? null),
      ...writeViolations(`preference ${key}`, asked, links),
      ...((row?.version ?? 0) === links.length
        ? []
        : [`preference ${key} has version ${row?.version} after ${links.length} changes`]),
    ]
  }
  const clients = distinctValues(writes.map(({ client }) => client))
  return [
    ...clients.flatMap((client) =>
      check(
        ownName(client),
        writes
          .filter((write) => write.client === client)
          .map((write) => ({ ...own(write), value: String(write.value) })),
      ),
    ),
    ...check(sharedName, writes.flatMap(shared)),
  ]
}

/** A value that somebody wanted to store. */
interface Write {
  readonly value: unknown
  readonly outcome: Outcome
}

interface Link {
  readonly old: unknown
  readonly new: unknown
}

const own = ({ value, outcome }: { readonly value: number; readonly outcome: Outcome }): Write => ({ value, outcome })

function shared({ token, outcome }: { readonly token: string | null; readonly outcome: Outcome }): Write[] {
  return token === null ? [] : [{ value: token, outcome }]
}

function changesOf(events: readonly Message[], setting: string): Link[] {
  return events.flatMap(({ changes }) => changes.filter((change) => change.setting === setting))
}

/**
 * Every change is built on the one before: from the first value to the last, each value is left once. A value that is
 * left twice is a lost update; so is one that does not lead to the end.
 */
function chainViolations(what: string, first: unknown, links: readonly Link[], last: unknown): string[] {
  const next = new Map(links.map((link) => [link.old, link.new]))
  if (next.size < links.length) return [`${what}: two changes were built on the same value`]
  let value = first
  for (let step = 0; step < links.length; step++) {
    if (!next.has(value)) return [`${what}: ${links.length - step} of ${links.length} changes lead nowhere`]
    value = next.get(value)
  }
  return value === last ? [] : [`${what}: ends with ${String(value)}, but ${String(last)} is stored`]
}

/** What was answered is there, once; what was refused is not; nothing is there that nobody wrote. */
function writeViolations(what: string, writes: readonly Write[], links: readonly Link[]): string[] {
  const outcomes = new Map(writes.map(({ value, outcome }) => [value, outcome]))
  const found = new Set(links.map((link) => link.new))
  return [
    ...writes.flatMap(({ value, outcome }) => {
      if (outcome === 'stored' && !found.has(value)) return [`${what}: ${String(value)} was lost`]
      const isStored = found.has(value)
      return isStored && outcome !== 'stored' && outcome !== 'unknown'
        ? [`${what}: ${String(value)} was ${outcome === 'refused' ? 'refused' : 'given up'} and stored`]
        : []
    }),
    ...(found.size === links.length ? [] : [`${what}: a value was stored twice`]),
    ...links.flatMap((link) => (outcomes.has(link.new) ? [] : [`${what}: nobody wrote ${String(link.new)}`])),
  ]
}

/** No two hold the same thing at a time. */
function holdViolations(
  what: string,
  entries: readonly { readonly name: string; readonly lease: string; readonly from: number; readonly until: number }[],
): string[] {
  return [...groupBy(entries, ({ name }) => name)].flatMap(([name, all]) => {
    const holds = [...new Map(all.map((hold) => [hold.lease, hold])).values()].sort((a, b) => a.from - b.from)
    return holds.slice(1).flatMap((hold, index) => {
      const before = holds[index]
      return before !== undefined && hold.from < before.until
        ? [`${what} ${name} had two holders for ${before.until - hold.from} ms`]
        : []
    })
  })
}

/** A message is handed out while its lease lasts, and not again once its holder was told that it is gone. */
function deliveryViolations(handed: readonly Of<'message'>[], delivered: readonly Of<'delivered'>[]): string[] {
  const byMessage = groupBy(handed, ({ message }) => message.id)
  return [
    ...handed.flatMap(({ message, at, until }) =>
      at < until ? [] : [`message ${message.id} was handed out ${at - until} ms after its lease`],
    ),
    ...delivered
      // Later than that somebody else may have had it before it went.
      .filter(({ at, until }) => at < until)
      .flatMap(({ ids, from, lease }) =>
        ids.filter((id) => byMessage.get(id)?.some((other) => other.lease !== lease && other.from > from)),
      )
      .map((id) => `message ${id} came again after it was delivered`),
  ]
}

function retirementViolations(
  claims: readonly Of<'claim'>[],
  lostClaims: readonly Of<'lost claim'>[],
  moves: readonly Of<'move'>[],
  messages: readonly Message[],
  { retirements, moves: storedMoves, claimable }: Stored,
): string[] {
  const events = messages.filter(({ name }) => name === 'retirement.moved')
  const began = storedMoves.filter(({ from }) => from === null)
  const done = moves.filter(({ outcome }) => outcome === 'stored')
  let unknownClaims = 0
  const problems = retirements.flatMap(({ username, version, state }) => {
    const mine = storedMoves.filter((move) => move.username === username)
    const links = mine.map(({ from, to }) => ({ old: from, new: to }))
    const known = claims.filter((claim) => claim.username === username)
    const stored = version - mine.length
    unknownClaims += stored - known.length
    return [
      ...chainViolations(`retirement ${username}`, null, links, state),
      ...writeViolations(
        `retirement ${username}`,
        [
          { value: mine.find(({ from }) => from === null)?.to, outcome: 'unknown' },
          // Several may try the same move: that one was refused says nothing of the others.
          ...moves
            .filter((move) => move.username === username)
            .map(({ to, outcome }): Write => ({ value: to, outcome: outcome === 'refused' ? 'unknown' : outcome })),
        ],
        links,
      ),
      ...(stored < known.length ? [`retirement ${username} counts ${stored} claims, but ${known.length} got it`] : []),
      ...(claimable[username] === 1
        ? []
        : [`retirement ${username} could be claimed ${claimable[username] ?? 0} times`]),
    ]
  })
  const mostUnknown = lostClaims.reduce((sum, { limit }) => sum + limit, 0)
  return [
    ...problems,
    ...(unknownClaims <= mostUnknown
      ? []
      : [`${unknownClaims} claims are stored that nobody got, of ${mostUnknown} lost`]),
    ...(events.length === storedMoves.length - began.length
      ? []
      : [`${storedMoves.length - began.length} moves, ${events.length} events`]),
    ...[...groupBy(done, ({ username, to }) => `${username} to ${to}`)].flatMap(([move, all]) =>
      all.length === 1 ? [] : [`${all.length} clients were told that they had moved retirement ${move}`],
    ),
    // The fence: whoever comes with an older token than somebody else has been given is turned away.
    ...done.flatMap((move) => {
      const mine = claims.find(({ lease }) => lease === move.lease)
      const later = claims.find(
        (claim) => claim.username === move.username && claim.from > (mine?.from ?? 0) && claim.at < move.at,
      )
      return later === undefined ? [] : [`retirement ${move.username} was moved with a token that was no longer good`]
    }),
  ]
}

function distinct(messages: readonly Message[]): Message[] {
  return [...new Map(messages.map((message) => [message.id, message])).values()]
}

function distinctValues<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)]
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}
