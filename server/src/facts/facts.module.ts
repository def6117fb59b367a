import { Module } from '@nestjs/common';
import { DevicesModule } from '../devices/devices.module.js';
import { FactsController } from './facts.controller.js';
import { FactsRepository } from './facts.repository.js';
import { FactsService } from './facts.service.js';

@Module({
  imports: [DevicesModule],
  controllers: [FactsController],
  providers: [FactsService, FactsRepository],
  exports: [FactsService],
})
export class FactsModule {}
