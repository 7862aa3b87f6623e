import type { MigrationSite } from './migration-site.ts'

/** Lists people: by values of their accounts, which are copied for it, and by country, state and the day they joined. */
export async function searchValues({
  types,
  constraint,
  createPart,
  addIndex,
  hasOwnUsers,
}: MigrationSite): Promise<void> {
  await createPart(
    'search_values',
    (table) =>
      table
        .addColumn('field', types.short, (column) => column.notNull())
        .addColumn('value', types.short, (column) => column.notNull())
        .addPrimaryKeyConstraint(constraint('search_values_pk'), ['user_id', 'field']),
    { list: ['field', 'value', 'user_id'] },
  )
  await addIndex('profiles', 'country', ['country', 'user_id'])
  if (!hasOwnUsers) return
  await addIndex('users', 'is_active', ['is_active', 'id'])
  await addIndex('users', 'date_joined', ['date_joined', 'id'])
}
