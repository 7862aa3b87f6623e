import type { UserId } from '../../src/port/tables.ts'
import type { Credentials, Enrollment, Enrollments } from '../../src/site/host.ts'

/** The host of one case: its clock and its passwords, in memory. */
export interface TestHost {
  readonly clock: () => Date
  readonly credentials: Credentials<unknown>
  hasUsablePassword(id: UserId): boolean
  setPassword(id: UserId, password: string): void
  /** The courses and enrolments that the host keeps; cases fill them in. */
  readonly courses: { course_id: string; org: string }[]
  readonly enrolled: Enrollment[]
  readonly enrollments: Enrollments
  /** Enrolments that the host hands out at a time. */
  batchSize: number
}

export function testHost(now: string): TestHost {
  const passwords = new Map<UserId, string>()
  const courses: TestHost['courses'] = []
  const enrolled: Enrollment[] = []
  const host: TestHost = {
    courses,
    enrolled,
    batchSize: 10,
    enrollments: {
      async coursesOf(orgs) {
        const names = orgs.map((org) => org.toLowerCase())
        return courses.filter((course) => names.includes(course.org.toLowerCase()))
      },
      enrollmentsOf: async (ids) => enrolled.filter(({ user_id }) => ids.includes(user_id)),
      async *enrolledIn(course_ids) {
        const found = enrolled.filter((enrollment) => course_ids.includes(enrollment.course_id))
        for (let start = 0; start < found.length; start += host.batchSize)
          yield found.slice(start, start + host.batchSize)
      },
    },
    clock: () => new Date(now),
    hasUsablePassword: (id) => passwords.has(id),
    setPassword: (id, password) => void passwords.set(id, password),
    credentials: {
      verify: async ({ id }, password) => passwords.get(id) === password,
      set: async ({ id }, password) => void passwords.set(id, password),
      disable: async ({ id }) => void passwords.delete(id),
    },
  }
  return host
}
