import { AsyncLocalStorage } from 'node:async_hooks'
import { callback, repositoryKind } from '../values/kinds.ts'
import { requireOption } from '../values/options.ts'
import type { Repository } from './repository.ts'

/** Calls that take turns: those on one transaction, or those that the code inside of one of its units makes. */
interface Turns {
  /** Settles when the last call so far has ended. */
  last: Promise<unknown>
  /** Tells whether the unit is over: later calls of its code take turns with the others. */
  isOver: boolean
  readonly around: Turns | undefined
}

const turnsOf = new WeakMap<object, Turns>()

/** The turns of the unit whose code is running, by transaction. */
const running = new AsyncLocalStorage<ReadonlyMap<object, Turns>>()

/**
 * Runs calls on one transaction one after the other, in their order. A transaction is one conversation with the
 * database: the savepoint of one unit would undo the writes that another made meanwhile.
 *
 * The turn of a unit stands for the calls of its code inside, on any object of the same transaction: they do not wait
 * for the unit to end, but take turns among themselves.
 */
function inTurn<Result>(transaction: object, call: () => Promise<Result>): Promise<Result> {
  const around = running.getStore()
  let turns = around?.get(transaction)
  while (turns?.isOver === true) turns = turns.around
  turns ??= turnsOf.get(transaction) ?? { last: Promise.resolve(), isOver: false, around: undefined }
  if (turns.around === undefined) turnsOf.set(transaction, turns)
  const own: Turns = { last: Promise.resolve(), isOver: false, around: turns }
  const turn = turns.last.then(() => running.run(new Map(around).set(transaction, own), call))
  const end = () => {
    own.isOver = true
  }
  turns.last = turn.then(end, end)
  return turn
}

/**
 * Returns a runner of calls on a transaction, which take turns with all others on it. `find` returns the object that
 * stands for the transaction alone, and is called once.
 */
export function turnsOn(
  find: () => object | Promise<object>,
): <Result>(call: () => Promise<Result>) => Promise<Result> {
  let found: object | Promise<object> | undefined
  return async (call) => {
    found ??= find()
    return inTurn(await found, call)
  }
}

/**
 * Returns a repository inside a transaction of the host whose calls take turns, with those of every other repository
 * that was made for the same transaction in this way. `find` returns the object that stands for the transaction alone,
 * and is called once.
 */
export function takingTurns<Transaction>(
  find: () => object | Promise<object>,
  repository: Repository<Transaction>,
): Repository<Transaction> {
  requireOption(find, callback, 'find')
  requireOption(repository, repositoryKind, 'repository')
  const inItsTurn = turnsOn(find)
  const wait =
    <Given extends readonly unknown[], Result>(call: (...given: Given) => Promise<Result>) =>
    (...given: Given): Promise<Result> =>
      inItsTurn(() => call(...given))
  const { findAccounts, findPreferences, findOrgTags, findClaims, pageRetirements } = repository
  const { pageAccounts, pageUsers, pageRows, select, selectEach, searchTexts, insertUser, commit, expiredKeys } =
    repository
  const { leaseOutbox, countOutbox, pageDeadMessages, leaseRetirements, countRetirements } = repository
  return {
    idType: repository.idType,
    usernames: repository.usernames,
    findAccounts: wait(findAccounts),
    findPreferences: wait(findPreferences),
    findOrgTags: wait(findOrgTags),
    findClaims: wait(findClaims),
    pageRetirements: wait(pageRetirements),
    pageAccounts: wait(pageAccounts),
    pageUsers: (table, where, page) => inItsTurn(() => pageUsers(table, where, page)),
    select: (table, where) => inItsTurn(() => select(table, where)),
    selectEach: (selections) => inItsTurn(() => selectEach(selections)),
    pageRows: (table, where, page) => inItsTurn(() => pageRows(table, where, page)),
    searchTexts: (table, search) => inItsTurn(() => searchTexts(table, search)),
    insertUser: wait(insertUser),
    commit: wait(commit),
    expiredKeys: wait(expiredKeys),
    leaseOutbox: wait(leaseOutbox),
    countOutbox: wait(countOutbox),
    pageDeadMessages: wait(pageDeadMessages),
    leaseRetirements: wait(leaseRetirements),
    countRetirements: wait(countRetirements),
    with: (inner) => repository.with(inner),
  }
}
