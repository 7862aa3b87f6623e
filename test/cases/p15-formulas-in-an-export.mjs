import { person, site, sqliteDb, system, verdict } from './_kit.mjs'

// Names that a spreadsheet would run as formulas, in the CSV of opt-ins.
const names = ['=HYPERLINK("http://x")', '+1+1', '-2+3', '@SUM(1)', '\uff1d1+1']
const enrollments = {
  coursesOf: async () => [{ course_id: 'course-v1:O+C+R', org: 'O' }],
  enrollmentsOf: async () => [],
  enrolledIn: async function* () {
    yield names.map((_, i) => ({ user_id: i + 1, course_id: 'course-v1:O+C+R' }))
  },
}
const { users } = await site(await sqliteDb(), { enrollments })
const made = []
for (const [i, name] of names.entries())
  made.push(await person(users, `user${i}`, { name: name.replace('http://', '') }))
let text = ''
for await (const part of users.emailOptIns.exportCsv(system, { orgs: ['O'] })) text += part
const cells = text
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('@example.com,')[1])
const open = cells.filter((cell) => /^"?[=+\-@\uff1d\t]/.test(cell))
await verdict(
  cells.length === names.length && open.length === 0,
  open.length === 0 ? 'formulas are escaped' : `open: ${open.join(' ')}`,
)
