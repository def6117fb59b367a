import { Module } from '@nestjs/common';
import { ConnectivityModule } from '../connectivity/connectivity.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { IntakeModule } from '../intake/intake.module.js';
import { HealthController } from './health.controller.js';
import { HealthRepository } from './health.repository.js';
import { HealthService } from './health.service.js';
import { MetricsService } from './metrics.service.js';

/** Whether the console lives, is ready, and how it does. */
@Module({
  imports: [DevicesModule, ConnectivityModule, IntakeModule],
  controllers: [HealthController],
  providers: [HealthRepository, HealthService, MetricsService],
  exports: [MetricsService],
})
export class HealthModule {}
