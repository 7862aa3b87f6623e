import type { ArgumentTable } from '../runtime/checked-operations.ts'
import { actor, argument, methods, oneOf, optional, options, person } from '../values/kinds.ts'
import type { PersonalDataOperations } from './personal-data.ts'

/** The arguments of the operations on data of people. */
export const personalDataArguments: ArgumentTable<PersonalDataOperations> = {
  export: {
    items: [
      actor,
      argument('whom', optional(person)),
      options({ format: oneOf('json', 'csv'), signal: methods('throwIfAborted') }),
    ],
  },
}
