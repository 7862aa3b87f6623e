/** The kinds of database servers that suites are tried on, by the names that `CONFORMANCE_STORE` takes. */
export type ServerName = 'postgres' | 'mariadb' | 'mysql'

/** The name of each server, and the variable that holds its address. */
export const serverVariables: Readonly<Record<ServerName, readonly [title: string, variable: string]>> = {
  postgres: ['PostgreSQL', 'TEST_POSTGRES_URL'],
  mariadb: ['MariaDB', 'TEST_MARIADB_URL'],
  mysql: ['MySQL', 'TEST_MYSQL_URL'],
}

/** Addresses of the servers at hand. */
export const serverUrls: { readonly [Name in ServerName]?: string } = Object.fromEntries(
  Object.entries(serverVariables).flatMap(([name, [, variable]]) => {
    const url = process.env[variable]
    return url === undefined ? [] : [[name, url]]
  }),
)
