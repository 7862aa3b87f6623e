// The model states the promises on its own: it repeats the pipeline of `site.ts`, and uses nothing of the code.
export const working = ['RETIRING_FORUMS', 'ADDING_TO_PARTNER_QUEUE', 'RETIRING_LMS_MISC', 'RETIRING_LMS']
export const done = ['FORUMS_COMPLETE', 'PARTNER_QUEUE_COMPLETE', 'LMS_MISC_COMPLETE', 'LMS_COMPLETE']
export const ends = ['ERRORED', 'ABORTED', 'COMPLETE']
export const order = ['PENDING', ...working.flatMap((state, index) => [state, done[index] ?? '']), ...ends]
export const stepOf = { report: 'ADDING_TO_PARTNER_QUEUE', misc: 'RETIRING_LMS_MISC', account: 'RETIRING_LMS' }
export const coolOffHours = 14 * 24
export const leaseHours = { worker: 2, batch: 24, piece: 2, heartbeat: 3 }
export const mostClaimed = 2

export const people = ['user0', 'user1', 'user2', 'user3']
/** The people who took courses, and so are reported to partners. */
export const learners = ['user0', 'user1', 'user2']

/** Attempts after which a retirement is dead. */
export const mostAttempts = 3
/** The hours by which a step puts itself off. */
export const laterHours = 3
export const deadlineHours = 30 * 24
