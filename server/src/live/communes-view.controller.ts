import { Controller } from '@nestjs/common';
import { COMMUNES, ENDPOINTS, type ResponseOf } from '@ioc/contract';
import { Route } from '../platform/http/route.js';
import { LiveStateService } from './live-state.service.js';

/** The communes with their present state. */
@Controller()
export class CommunesViewController {
  constructor(private readonly state: LiveStateService) {}

  @Route(ENDPOINTS.listCommunes)
  listCommunes(): ResponseOf<typeof ENDPOINTS.listCommunes> {
    return {
      items: COMMUNES.map(({ code, name, population, areaKm2 }) => ({
        ...this.state.communeLive(code),
        name,
        population,
        areaKm2,
      })),
    };
  }
}
