/** The help of the command line. */
export const usage = `usercore: the tables of usercore from the command line

  npx usercore sql        prints the statements that make the tables, or with --since those of later releases
  npx usercore migrate    runs them, and prints the steps that it took
  npx usercore check      compares the tables in the database with those that this release works on
  npx usercore inventory  prints the record of personal data (Art. 30 GDPR) as Markdown

  --dialect name   postgres, mysql (MariaDB too), sqlite or pglite
  --url address    the database: postgres://…, mysql://…, or the path of a file of SQLite. Default: the variable
                   DATABASE_URL, which no list of processes shows. The driver is that of your project: pg, mysql2,
                   better-sqlite3 or node:sqlite
  --since step     sql: the last step that the database has, such as 0004-retirement
  --prefix text    the beginning of the names of tables. Default: usercore_
  --schema name    the schema of the tables (on MySQL: their database)
  --preset name    open-edx: beside the tables of Open edX
  --config file    a module that exports all of these by default, and whatever else kyselyRepository takes, such as
                   \`users\`; \`connect\` opens a database of your own; \`sources\` are your tables with personal data

  --help, --version

Exit codes: 0 nothing to report; 1 check has found something; 2 wrong usage; 3 the database refused or did not answer.
`
