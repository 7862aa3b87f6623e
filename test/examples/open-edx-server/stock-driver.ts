import { type Answer, client, form, json, send } from './support.ts'

/**
 * The programs of Open edX that drive retirements, as retirement.md (section 9) describes them: what they ask, in which
 * order, and what they make of the answers.
 */

/** A step of the pipeline: state at work, state when done, what to call. */
export type Step = readonly [working: string, done: string, call: LmsCall]

type Learner = { original_username: string; current_state: { state_name: string }; user: { id: number } }

const lmsCalls = {
  retirement_retire_forum: ['POST', 'api/discussion/v1/accounts/retire_forum'],
  retirement_retire_mailings: ['POST', 'api/user/v1/accounts/retire_mailings'],
  retirement_unenroll: ['POST', 'api/enrollment/v1/unenroll'],
  retirement_lms_retire_misc: ['POST', 'api/user/v1/accounts/retire_misc'],
  retirement_lms_retire: ['POST', 'api/user/v1/accounts/retire'],
  retirement_partner_queue: ['PUT', 'api/user/v1/accounts/retirement_partner_report'],
} as const
type LmsCall = keyof typeof lmsCalls

/** A failed call: its status, and what came with it. */
class HttpError extends Error {
  readonly status: number
  constructor({ status, text }: Answer) {
    super(`${status} ${text}`)
    this.status = status
  }
}

export type Lms = Awaited<ReturnType<typeof connect>>

/** Gets a token, once for each program that runs. */
export async function connect(url: string, credentials: Record<string, string> = client) {
  const token = await send(
    url,
    'POST',
    '/oauth2/access_token',
    form({
      grant_type: 'client_credentials',
      ...credentials,
      token_type: 'jwt',
    }),
  )
  async function call(method: string, path: string, body?: unknown): Promise<Answer['body']> {
    const headers = { 'Content-Type': json, Authorization: `JWT ${token.body.access_token}` }
    const [route, query] = path.split('?')
    const answer = await send(url, method, `/${route}/${query === undefined ? '' : `?${query}`}`, body, headers)
    if (answer.status >= 400) throw new HttpError(answer)
    return answer.status === 204 ? `<Response [204]>` : answer.body
  }
  const accounts = 'api/user/v1/accounts'
  return {
    learnersToRetire: (states: readonly string[], cool_off_days: number, limit?: number): Promise<Learner[]> => {
      const query = new URLSearchParams([
        ['cool_off_days', String(cool_off_days)],
        ...states.map((state) => ['states', state]),
      ])
      if (limit) query.set('limit', String(limit))
      return call('GET', `${accounts}/retirement_queue?${query}`)
    },
    learnersByDateAndStatus: (state: string, start_date: string, end_date: string): Promise<Learner[]> =>
      call('GET', `${accounts}/retirements_by_status_and_date?${new URLSearchParams({ start_date, end_date, state })}`),
    retirementState: (username: string): Promise<Learner> => call('GET', `${accounts}/${username}/retirement_status`),
    updateState: (username: string, new_state: string, response: string, force = false) =>
      call('PATCH', `${accounts}/update_retirement_status`, { username, new_state, response, ...(force && { force }) }),
    async doStep(name: LmsCall, { original_username: username }: Learner) {
      const [method, path] = lmsCalls[name]
      try {
        return await call(method, path, { username })
      } catch (error) {
        // The forum may know nobody of that name.
        if (name === 'retirement_retire_forum' && error instanceof HttpError && error.status === 404) return true
        throw error
      }
    },
    partnerReport: () => call('POST', `${accounts}/retirement_partner_report`),
    partnerCleanup: (names: readonly string[]) =>
      call(
        'POST',
        `${accounts}/retirement_partner_report_cleanup`,
        names.map((original_username) => ({ original_username })),
      ),
    cleanup: (usernames: readonly string[]) =>
      call('POST', `${accounts}/retirement_cleanup`, {
        usernames,
        redacted_username: 'redacted',
        redacted_email: 'redacted',
        redacted_name: 'redacted',
      }),
    post: (path: string, body: unknown) => call('POST', path, body),
  }
}

/** Program: list of learners. */
export async function listLearners(lms: Lms, pipeline: readonly Step[], coolOffDays = 7): Promise<string[]> {
  const states = ['PENDING', ...pipeline.map(([, done]) => done)]
  return (await lms.learnersToRetire(states, coolOffDays, 200)).map(({ original_username }) => original_username)
}

/** Program: retire one learner. Answers the exit code. */
export async function retireOneLearner(lms: Lms, username: string, pipeline: readonly Step[]): Promise<number> {
  const ends = ['ERRORED', 'ABORTED', 'COMPLETE']
  const all = ['PENDING', ...pipeline.flatMap((step) => step.slice(0, 2)), ...ends]
  let learner: Learner
  try {
    learner = await lms.retirementState(username)
  } catch (error) {
    return error instanceof HttpError && error.status === 404 ? -5 : -1
  }
  const start = all.indexOf(learner.current_state.state_name)
  if (start === -1) return -6
  if (ends.includes(all[start] ?? '')) return -2
  if (pipeline.some(([working]) => working === all[start])) return -3
  try {
    for (const [working, done, call] of pipeline) {
      if (all.indexOf(working) < start) continue
      await lms.updateState(username, working, `Starting: ${working}`)
      const result = await lms.doStep(call, learner)
      await lms.updateState(username, done, `Ending: ${done} with response:\n${JSON.stringify(result)}`)
    }
    await lms.updateState(username, 'COMPLETE', 'Learner retirement complete.')
    return 0
  } catch (error) {
    await lms.updateState(username, 'ERRORED', String(error)).catch(() => {})
    return -4
  }
}

/** Program: partner report. Answers, by partner, the lines of the CSV files. */
export async function reportToPartners(lms: Lms, partnersOf: Readonly<Record<string, readonly string[]>>) {
  const learners: {
    user_id: number
    original_username: string
    original_email: string
    original_name: string
    orgs: string[]
    created: string
  }[] = await lms.partnerReport()
  const files: Record<string, string[][]> = {}
  for (const { orgs, user_id, original_username, original_email, original_name, created } of learners) {
    for (const partner of orgs.flatMap((org) => partnersOf[org] ?? [])) {
      files[partner] ??= []
      files[partner].push([String(user_id), original_username, original_email, original_name, created])
    }
  }
  if (learners.length > 0) await lms.partnerCleanup(learners.map(({ original_username }) => original_username))
  return files
}

/** Program: archive and cleanup. Answers the archive, one record for each learner. */
export async function archiveAndCleanUp(lms: Lms, end: Date) {
  const learners: (Learner & Record<string, string>)[] = (await lms.learnersByDateAndStatus(
    'COMPLETE',
    '2018-01-01',
    end.toISOString().slice(0, 10),
  )) as never
  const plain = (time = '') => time.replace('T', ' ').replace(/Z$/, '')
  const archive = learners.map((learner) => ({
    user_id: learner.user.id,
    original_username: learner.original_username,
    original_email: learner.original_email,
    original_name: learner.original_name,
    retired_username: learner.retired_username,
    retired_email: learner.retired_email,
    retirement_request_date: plain(learner.created),
    last_modified_date: plain(learner.modified),
  }))
  await lms.cleanup(archive.map(({ original_username }) => original_username))
  return archive
}

/** Program: replace usernames. Answers the lines of its result: original, new, status. */
export async function replaceUsernames(lms: Lms, pairs: readonly (readonly [current: string, desired: string])[]) {
  type Mapping = Record<string, string>
  type Replaced = { successful_replacements: Mapping[]; failed_replacements: Mapping[] }
  const replace = (path: string, username_mappings: Mapping[]): Promise<Replaced> =>
    lms.post(`${path}/replace_usernames`, { username_mappings })
  const here = await replace(
    'api/user/v1/accounts',
    pairs.map(([current, desired]) => ({ [current]: desired })),
  )
  let done = here.successful_replacements
  const partly: Mapping[] = []
  const services = ['api/v2/user_management', 'api/v1', 'api/v2', 'api/discussion/v1/accounts']
  for (const service of services) {
    const { successful_replacements, failed_replacements } = await replace(service, done)
    done = successful_replacements
    partly.push(...failed_replacements)
  }
  const lines = (mappings: Mapping[], status: string) =>
    mappings.flatMap((mapping) => Object.entries(mapping).map(([current, given]) => [current, given, status]))
  return [...lines(done, 'SUCCESS'), ...lines(partly, 'PARTIALLY FAILED'), ...lines(here.failed_replacements, 'FAILED')]
}

/** Program: bulk status update; with no new state learners go back to the one they had before. */
export async function updateInBulk(lms: Lms, from: string, day: Date, to?: string): Promise<void> {
  const date = day.toISOString().slice(0, 10)
  for (const learner of await lms.learnersByDateAndStatus(from, '2018-01-01', date)) {
    const last = (learner as unknown as { last_state: { state_name: string } }).last_state.state_name
    await lms.updateState(learner.original_username, to ?? last, 'Force updating state', true)
  }
}
