import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { ConnectivityModule } from '../connectivity/connectivity.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { FactsModule } from '../facts/facts.module.js';
import { AlarmRulesRepository } from './alarm-rules.repository.js';
import { AlarmRulesService } from './alarm-rules.service.js';
import { AlarmsRepository } from './alarms.repository.js';
import { AlarmsService } from './alarms.service.js';
import { MaintenanceRepository } from './maintenance.repository.js';
import { MaintenanceService } from './maintenance.service.js';

@Module({
  imports: [AccessModule, DevicesModule, ConnectivityModule, FactsModule],
  providers: [
    AlarmsService,
    AlarmsRepository,
    AlarmRulesService,
    AlarmRulesRepository,
    MaintenanceService,
    MaintenanceRepository,
  ],
  exports: [AlarmsService, AlarmRulesService, MaintenanceService],
})
export class AlarmsModule {}
