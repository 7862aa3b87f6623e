import { definePipeline } from 'usercore'

/**
 * The states of this site: those of Open edX, and the three more that its own driver can be told to use. A pipeline of
 * the driver names as many of the steps as it likes, in this order.
 */
export const pipeline = definePipeline([
  { step: 'locking', working: 'LOCKING_ACCOUNT', done: 'LOCKING_COMPLETE' },
  { step: 'forums', working: 'RETIRING_FORUMS', done: 'FORUMS_COMPLETE' },
  { step: 'email_lists', working: 'RETIRING_EMAIL_LISTS', done: 'EMAIL_LISTS_COMPLETE' },
  { step: 'enrollments', working: 'RETIRING_ENROLLMENTS', done: 'ENROLLMENTS_COMPLETE' },
  { step: 'notes', working: 'RETIRING_NOTES', done: 'NOTES_COMPLETE' },
  { step: 'partners', working: 'ADDING_TO_PARTNER_QUEUE', done: 'PARTNER_QUEUE_COMPLETE', action: 'partner_report' },
  { step: 'misc', working: 'RETIRING_LMS_MISC', done: 'LMS_MISC_COMPLETE', action: 'misc' },
  { step: 'account', working: 'RETIRING_LMS', done: 'LMS_COMPLETE', action: 'account' },
])
