// Choices about the mails of organisations

export type { EmailOptInOperations } from './email-opt-ins.ts'
export type { EmailOptInChoice } from './operations/choose-opt-in.ts'
export type { OptInExport, OptInRow } from './operations/export-opt-ins.ts'
export type { OptOut, OptOutManyOptions, OptOutManyResult } from './operations/opt-out-many.ts'
