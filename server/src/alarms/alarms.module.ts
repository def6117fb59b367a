import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { ConnectivityModule } from '../connectivity/connectivity.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { FactsModule } from '../facts/facts.module.js';
import { MeetingsModule } from '../meetings/meetings.module.js';
import { ReadingsModule } from '../readings/readings.module.js';
import { AlarmDeskService } from './alarm-desk.service.js';
import { AlarmListRepository } from './alarm-list.repository.js';
import { AlarmRulesController } from './alarm-rules.controller.js';
import { AlarmRulesRepository } from './alarm-rules.repository.js';
import { AlarmRulesService } from './alarm-rules.service.js';
import { AlarmWorld } from './alarm-world.service.js';
import { AlarmWriter } from './alarm-writer.service.js';
import { AlarmsController } from './alarms.controller.js';
import { AlarmsRepository } from './alarms.repository.js';
import { AlarmsService } from './alarms.service.js';
import { BaselinesRepository } from './baselines.repository.js';
import { BaselinesService } from './baselines.service.js';
import { CapacityRepository } from './capacity.repository.js';
import { CapacityService } from './capacity.service.js';
import { MaintenanceController } from './maintenance.controller.js';
import { MaintenanceRepository } from './maintenance.repository.js';
import { MaintenanceService } from './maintenance.service.js';

@Module({
  imports: [AccessModule, DevicesModule, ReadingsModule, ConnectivityModule, FactsModule, MeetingsModule],
  controllers: [AlarmsController, AlarmRulesController, MaintenanceController],
  providers: [
    AlarmsService,
    AlarmsRepository,
    AlarmDeskService,
    AlarmListRepository,
    AlarmWorld,
    AlarmWriter,
    CapacityService,
    BaselinesService,
    BaselinesRepository,
    CapacityRepository,
    AlarmRulesService,
    AlarmRulesRepository,
    MaintenanceService,
    MaintenanceRepository,
  ],
  exports: [AlarmsService, AlarmRulesService, MaintenanceService],
})
export class AlarmsModule {}
