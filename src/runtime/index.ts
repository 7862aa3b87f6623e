// Lists that go on, and tracing

export type { Page, PageOptions } from './pages.ts'
export type { TracingContext } from './tracing.ts'
