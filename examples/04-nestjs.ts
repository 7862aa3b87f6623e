/**
 * Behind NestJS 11: accounts and preferences as controllers, errors by one exception filter.
 *
 * `npm run example:nestjs` starts the server on a free port of this machine, visits it, and stops it. Node by itself runs
 * TypeScript, but no decorators.
 */
import 'reflect-metadata'
import {
  type ArgumentsHost,
  Body,
  Catch,
  Controller,
  createParamDecorator,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpCode,
  Inject,
  Module,
  Param,
  Patch,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import type { Request, Response } from 'express'
import { type AccountPatch, type Actor, errorStatus, type JsonObject, UserCoreError } from 'usercore'
import { actorOf, users } from './support/site.ts'
import { visit } from './support/visit.ts'

/** The name under which Nest hands out the user core. */
const userCore = Symbol('user core')

/** A parameter of a route: who asks. */
const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext) =>
  actorOf(context.switchToHttp().getRequest<Request>().header('authorization')),
)

@Controller('accounts')
class AccountsController {
  readonly #users: typeof users

  constructor(@Inject(userCore) core: typeof users) {
    this.#users = core
  }

  @Get(':username')
  async get(@CurrentActor() actor: Actor, @Param('username') username: string) {
    const account = await this.#users.accounts.get(actor, username)
    return account
  }

  @Patch(':username')
  async update(@CurrentActor() actor: Actor, @Param('username') username: string, @Body() patch: AccountPatch) {
    const { account, ignored } = await this.#users.accounts.update(actor, username, patch)
    return { account, ignored }
  }
}

@Controller('preferences')
class PreferencesController {
  readonly #users: typeof users

  constructor(@Inject(userCore) core: typeof users) {
    this.#users = core
  }

  @Patch(':username')
  @HttpCode(204)
  async update(@CurrentActor() actor: Actor, @Param('username') username: string, @Body() patch: JsonObject) {
    await this.#users.preferences.update(actor, username, patch)
  }
}

@Catch(UserCoreError)
class UserCoreErrorFilter implements ExceptionFilter<UserCoreError> {
  catch(error: UserCoreError, host: ArgumentsHost) {
    const response = host.switchToHttp().getResponse<Response>()
    const { code, message, params, issues, field_errors } = error
    response.status(errorStatus(error)).json({ code, message, params, issues, field_errors })
  }
}

@Module({
  controllers: [AccountsController, PreferencesController],
  providers: [{ provide: userCore, useValue: users }],
})
class SiteModule {}

const app = await NestFactory.create<NestExpressApplication>(SiteModule, { logger: false })
app.useBodyParser('json', { type: ['application/json', 'application/merge-patch+json'] })
app.useGlobalFilters(new UserCoreErrorFilter())
await app.listen(0, '127.0.0.1')
const origin = await app.getUrl()
await visit((path, init) => fetch(origin + path, init))
await app.close()
