// Tables with data of people: how a host declares its own, and those of the library

export { definePersonalData } from '../port/define-personal-data.ts'
export type { PersonalDataSource, Replacement, Retained, SourceTreatment, Subject } from '../port/personal-data.ts'
export type { PersonalDataStore, SourceReference } from '../port/personal-data-store.ts'
export type { Meaning, PersonalMeaning } from '../port/tables.ts'
export { userCoreSources } from '../retirement/own-sources.ts'
export type { ExportFormat } from './export-format.ts'
export { inventoryMarkdown } from './inventory.ts'
export type { ExportedFile, ExportManifest, RetainedCategory, WithheldField } from './manifest.ts'
export type { ExportEntry, ExportOptions } from './operations/export-person.ts'
export type { PersonalDataOperations } from './personal-data.ts'
