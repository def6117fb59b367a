import { Module } from '@nestjs/common';
import { AlarmsModule } from '../alarms/alarms.module.js';
import { ConnectivityModule } from '../connectivity/connectivity.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { IncidentsModule } from '../incidents/incidents.module.js';
import { IntakeModule } from '../intake/intake.module.js';
import { ReadingsModule } from '../readings/readings.module.js';
import { CommunesViewController } from './communes-view.controller.js';
import { DevicesViewController } from './devices-view.controller.js';
import { LiveGateway } from './live.gateway.js';
import { LiveService } from './live.service.js';
import { LiveStateService } from './live-state.service.js';

@Module({
  imports: [DevicesModule, ReadingsModule, ConnectivityModule, AlarmsModule, IncidentsModule, IntakeModule],
  controllers: [DevicesViewController, CommunesViewController],
  providers: [LiveStateService, LiveService, LiveGateway],
})
export class LiveModule {}
