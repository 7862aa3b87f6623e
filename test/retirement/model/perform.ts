import type { Repository } from '../../../src/port/repository.ts'
import type { RetirementWorkRow } from '../../../src/port/tables.ts'
import type { Claim } from '../../../src/retirement/operations/load-retirement.ts'
import type { PartnerBatch } from '../../../src/retirement/operations/partner-reports.ts'
import { system } from '../../../src/site/actor.ts'
import type { StepRun } from '../../../src/site/retirement-steps.ts'
import { mortal } from '../killed-worker.ts'
import { beginning, chief, dump, openSite, outcomes, type Site, support, worker } from '../site.ts'
import { laterHours, learners, leaseHours, mostAttempts, mostClaimed, order, people } from './pipeline.ts'
import type { Answer, Hand, Step } from './steps.ts'

/** The tokens that each worker holds, as the library gave them. */
export interface Tokens {
  readonly leases: Record<Hand, Map<string, Claim>>
  readonly batches: Record<Hand, PartnerBatch | undefined>
}

/** The host of the site, whose step in its forums does what the model says. */
interface World {
  answer: Answer
  /** Ends the process. */
  kill: () => void
  /** The attempts of the last call. */
  readonly calls: string[]
}

interface Host {
  readonly site: Site
  readonly world: World
  readonly repository: Repository
}

/** Opens the site of the model. */
export async function openHost(repository: Repository): Promise<Host> {
  const world: World = { answer: 'done', kill: () => {}, calls: [] }
  const forums: StepRun = async ({ attempt, fence, cursor }) => {
    world.calls.push(`${attempt}/${fence}/${cursor}`)
    switch (world.answer) {
      case 'fail':
        throw new Error('the forums are down')
      case 'later':
        return { outcome: 'retry', code: 'busy', after_seconds: laterHours * 3600 }
      case 'blocked':
      case 'manual':
        return { outcome: world.answer, code: 'legal_hold' }
      case 'more':
        return { outcome: 'more', cursor: 'second' }
      case 'crash':
        world.kill()
    }
    return { outcome: 'done' }
  }
  // The model knows no traces: its drivers pass steps over.
  const settings = { outbox_patience_hours: 0, retirement_max_attempts: mostAttempts, verify: 'off' } as const
  const site = await openSite(repository, people, { steps: { forums }, settings })
  for (const { id, username } of await repository.select('users', { username: learners })) {
    site.enrolled.push({ user_id: id, course_id: `course-v1:OrgX+${username}+R` })
  }
  return { site, world, repository }
}

/** Does one piece of work. Returns its result, and the attempt that the step was told. */
async function advanceOnce({ site, world, repository }: Host, target: Claim | string, answer: Answer) {
  const process = mortal(repository)
  Object.assign(world, { answer, calls: [], kill: () => Object.assign(process, { isDead: true }) })
  const { retirement } = answer === 'crash' ? site.another(process) : site.users
  const advance = await retirement.advance(worker, target, { leaseSeconds: leaseHours.piece * 3600 })
  const hours = (until: string) => Math.ceil((Date.parse(until) - Date.parse(beginning)) / 3_600_000)
  const facts = {
    progress: () => ('state' in advance ? [advance.state] : []),
    complete: () => ('state' in advance ? [advance.state] : []),
    waiting: () => ('until' in advance ? [hours(advance.until)] : []),
    stopped: () => ('why' in advance ? [advance.why, advance.code] : []),
    busy: () => [],
  }
  return [advance.status, ...facts[advance.status](), ...world.calls]
}

function workOf({ attempts, fence, cursor, stopped, code }: RetirementWorkRow) {
  return { attempts, fence, cursor: cursor?.cursor ?? null, stopped, code, until: undefined }
}

export async function perform(host: Host, tokens: Tokens, step: Step): Promise<string> {
  const { site, world } = host
  const { users, clock } = site
  const { retirement } = users
  /** Returns the claim that a worker has, else the username alone. */
  const targetOf = (by: Hand | 'nobody', name: string) =>
    by === 'nobody' ? name : (tokens.leases[by].get(name) ?? name)
  const take = async (by: Hand, again: boolean) => {
    const before = again ? tokens.batches[by]?.batchId : undefined
    const batch = await retirement.partnerReports.take(worker, {
      leaseHours: leaseHours.batch,
      ...(before === undefined ? {} : { batchId: before }),
    })
    tokens.batches[by] = batch
    return batch.reports.map(({ original_username }) => original_username).sort()
  }
  const call = async (): Promise<unknown> => {
    switch (step.do) {
      case 'wait':
        return clock.advance(step.hours * 3_600_000)
      case 'queue': {
        const { items } = await retirement.list(worker, { coolOffDays: 0, states: order })
        return items.map(({ original_username }) => original_username)
      }
      case 'claim': {
        const options = { limit: mostClaimed, leaseSeconds: leaseHours.worker * 3600 }
        const claimed = await retirement.claim(worker, options)
        for (const one of claimed) tokens.leases[step.by].set(one.retirement.original_username, one)
        return claimed.map(({ retirement }) => retirement.original_username)
      }
      case 'advance':
        return advanceOnce(host, targetOf(step.by, step.who), step.answer)
      case 'reopen': {
        const { reopened, failed } = await retirement.reopen(chief, [step.who])
        return [...reopened.map(() => 'reopened'), ...failed.map(({ code }) => code)]
      }
      case 'heartbeat': {
        const claims = [...tokens.leases[step.by].values()]
        const { held } = await retirement.heartbeat(worker, claims, { leaseSeconds: leaseHours.heartbeat * 3600 })
        const isHeld = ({ retirement: { user } }: Claim) => held.includes(user.id)
        return claims
          .filter(isHeld)
          .map(({ retirement }) => retirement.original_username)
          .sort()
      }
      case 'work': {
        world.answer = 'done'
        const leaseSeconds = leaseHours.piece * 3600
        const { pieces, complete, stopped } = await retirement.work(worker, { idle: 'return', leaseSeconds })
        return [pieces, complete, stopped]
      }
      case 'stats': {
        const { groups, overdue } = await retirement.stats(worker)
        return [
          ...groups.map(({ state, stopped, code, count }) => `${state} ${stopped} ${code} ${count}`).sort(),
          overdue,
        ]
      }
      case 'take':
        return take(step.by, false)
      case 'retake':
        return take(step.by, true)
      case 'finish': {
        const { batchId, reports } = tokens.batches[step.by] ?? { batchId: '', reports: [] }
        const names = reports.map(({ original_username }) => original_username)
        return retirement.partnerReports.finish(worker, names, { batchId })
      }
      case 'request':
        return retirement.request(system, step.who)
      case 'cancel':
        return retirement.cancel(support, { username: step.who })
      case 'clean':
        return retirement.cleanUp(worker, [step.who])
      case 'register':
        return users.accounts.create(system, { username: step.who, email: `${step.who}@example.com`, name: 'New' })
      case 'write':
        return users.preferences.set(system, step.who, 'motto', `motto of ${step.who}`)
      case 'report':
        return retirement.runStep(worker, targetOf(step.by, step.who), 'partner_report')
      case 'misc':
        return retirement.runStep(worker, targetOf(step.by, step.who), 'misc')
      case 'account':
        return retirement.runStep(worker, targetOf(step.by, step.who), 'account')
      case 'move':
      case 'force':
        return retirement.move(step.do === 'force' ? chief : worker, targetOf(step.by, step.who), {
          state: step.to,
          ...(step.do === 'force' ? { force: true } : {}),
        })
    }
  }
  const result = call()
  const [outcome = ''] = await outcomes([result])
  const names = outcome === 'ok' ? await result : undefined
  return [outcome, ...(Array.isArray(names) ? names : [])].join(' ')
}

/** Returns the stored state of all people, in the form of the model. */
export async function seen({ users }: Site, repository: Repository): Promise<unknown[]> {
  const rows = (await repository.select('users', {})).sort((a, b) => Number(a.id) - Number(b.id))
  const retirements = await repository.select('retirements', {})
  const requests = await repository.select('retirement_requests', {})
  const reports = await repository.select('partner_reports', {})
  const works = await repository.select('retirement_work', {})
  const { items: retired } = await users.retirement.retiredUsers(worker)
  const everything = await dump(repository)
  return rows.map(({ id, username }, index) => {
    const row = retirements.find(({ user_id }) => user_id === id)
    return {
      state: row?.current_state,
      last: row?.last_state,
      wasRequested: requests.some(({ user_id }) => user_id === id),
      isStarted: retired.includes(id),
      isErased: username.startsWith('retired__'),
      isReported: reports.some(({ user_id }) => user_id === id),
      isKnown: everything.includes(`${people[index]}@`),
      isQuoted: everything.includes(`motto of ${people[index]}`),
      work: works.filter(({ user_id }) => user_id === id).map(workOf)[0],
    }
  })
}
