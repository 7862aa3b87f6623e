import type { MigrationSite } from './migration-site.ts'

/** Accounts: people, profiles with their lists, preferences, pending changes, history, outbox. */
export async function accounts(site: MigrationSite): Promise<void> {
  const { types, constraint } = site

  if (site.hasOwnUsers) {
    await site.createTable('users', (table) =>
      site
        .addNumber(table, 'id')
        .addColumn('username', types.short, (column) => column.notNull())
        .addColumn('username_key', types.short, (column) => column.notNull().unique())
        .addColumn('email', types.short, (column) => column.notNull())
        .addColumn('email_key', types.short, (column) => column.notNull().unique())
        .addColumn('first_name', types.short, (column) => column.notNull())
        .addColumn('last_name', types.short, (column) => column.notNull())
        .addColumn('is_active', types.boolean, (column) => column.notNull())
        .addColumn('date_joined', types.instant, (column) => column.notNull())
        .addColumn('last_login', types.instant),
    )
  }

  await site.createPart('profiles', (table) =>
    table
      .addColumn('version', types.integer, (column) => column.notNull())
      .addColumn('name', types.short, (column) => column.notNull())
      .addColumn('gender', types.short)
      .addColumn('year_of_birth', types.integer)
      .addColumn('level_of_education', types.short)
      .addColumn('goals', types.long)
      .addColumn('bio', types.long)
      .addColumn('country', types.short)
      .addColumn('state', types.short)
      .addColumn('city', types.long)
      .addColumn('location', types.long)
      .addColumn('mailing_address', types.long)
      .addColumn('phone_number', types.short)
      .addColumn('profile_image_uploaded_at', types.instant)
      .addPrimaryKeyConstraint(constraint('profiles_pk'), ['user_id']),
  )

  await site.createPart('language_proficiencies', (table) =>
    table
      .addColumn('code', types.short, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('language_proficiencies_pk'), ['user_id', 'code']),
  )

  await site.createPart('social_links', (table) =>
    table
      .addColumn('platform', types.short, (column) => column.notNull())
      .addColumn('social_link', types.short, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('social_links_pk'), ['user_id', 'platform']),
  )

  await site.createPart('extended_profiles', (table) =>
    table
      .addColumn('owner', types.short, (column) => column.notNull())
      .addColumn('document', types.long, (column) => column.notNull())
      .addColumn('schema_version', types.integer, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('extended_profiles_pk'), ['user_id', 'owner']),
  )

  await site.createPart(
    'preferences',
    (table) =>
      table
        .addColumn('key', types.short, (column) => column.notNull())
        .addColumn('value', types.long)
        .addColumn('version', types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint(constraint('preferences_pk'), ['user_id', 'key']),
    { key: ['key', 'user_id'] },
  )

  await site.createPart('registrations', (table) =>
    table
      .addColumn('key_hash', types.short, (column) => column.notNull().unique())
      .addColumn('activated_at', types.instant)
      .addPrimaryKeyConstraint(constraint('registrations_pk'), ['user_id']),
  )

  await site.createPart('pending_email_changes', (table) =>
    table
      .addColumn('kind', types.short, (column) => column.notNull())
      .addColumn('new_email', types.short, (column) => column.notNull())
      .addColumn('key_hash', types.short, (column) => column.notNull().unique())
      .addColumn('requested_at', types.instant, (column) => column.notNull())
      .addColumn('expires_at', types.instant, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('pending_email_changes_pk'), ['user_id', 'kind']),
  )

  await site.createPart('pending_name_changes', (table) =>
    table
      .addColumn('request_id', types.short, (column) => column.notNull())
      .addColumn('new_name', types.short, (column) => column.notNull())
      .addColumn('rationale', types.long, (column) => column.notNull())
      .addColumn('requested_at', types.instant, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('pending_name_changes_pk'), ['user_id']),
  )

  await site.createPart('account_recoveries', (table) =>
    table
      .addColumn('secondary_email', types.short, (column) => column.notNull())
      .addColumn('secondary_email_key', types.short, (column) => column.notNull().unique())
      .addColumn('is_active', types.boolean, (column) => column.notNull())
      .addPrimaryKeyConstraint(constraint('account_recoveries_pk'), ['user_id']),
  )

  await site.createPart(
    'account_history',
    (table) =>
      table
        .addColumn('id', types.short, (column) => column.notNull())
        .addColumn('field', types.short, (column) => column.notNull())
        .addColumn('old_value', types.short, (column) => column.notNull())
        .addColumn('reason', types.long, (column) => column.notNull())
        .addColumn('changed_by', types.id)
        .addColumn('changed_at', types.instant, (column) => column.notNull())
        .addPrimaryKeyConstraint(constraint('account_history_pk'), ['id']),
    { user_id: ['user_id'] },
  )

  await site.createTable(
    'rate_limits',
    (table) =>
      table
        .addColumn('name', types.short, (column) => column.notNull())
        .addColumn('subject', types.short, (column) => column.notNull())
        .addColumn('period_start', types.instant, (column) => column.notNull())
        .addColumn('hits', types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint(constraint('rate_limits_pk'), ['name', 'subject']),
    { subject: ['subject'] },
  )

  // Without a reference to people: a message outlives the person that it is about.
  await site.createTable(
    'outbox',
    (table) =>
      table
        .addColumn('id', types.short, (column) => column.notNull())
        .addColumn('kind', types.short, (column) => column.notNull())
        .addColumn('name', types.short, (column) => column.notNull())
        .addColumn('user_id', types.id, (column) => column.notNull())
        .addColumn('payload', types.json, (column) => column.notNull())
        .addColumn('created_at', types.instant, (column) => column.notNull())
        .addColumn('leased_until', types.instant)
        .addColumn('lease', types.short)
        .addPrimaryKeyConstraint(constraint('outbox_pk'), ['id']),
    { lease: ['lease'], user_id: ['user_id'] },
  )
}
