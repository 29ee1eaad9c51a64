"""Training steps of a network in PyTorch, one for each line on standard input; answers with its milliseconds.

    /usr/bin/python3 step.py ResNet-18 BATCH SIZE CLASSES THREADS
"""

import sys
import time

import torch
from torch import nn
from torch.nn import functional


class MobileNetV1(nn.Module):
    def __init__(self, classes):
        super().__init__()
        layers = [self.conv(3, 32, 3, 2)]
        width = 32
        plan = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
        for outputs, stride in plan + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]:
            layers += [self.conv(width, width, 3, stride, width), self.conv(width, outputs, 1)]
            width = outputs
        self.layers = nn.Sequential(*layers)
        self.dense = nn.Linear(width, classes)

    @staticmethod
    def conv(inputs, outputs, kernel, stride=1, groups=1):
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )

    def forward(self, x):
        return self.dense(self.layers(x).mean((2, 3)))


class WideBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if inputs != outputs else None

    def forward(self, x):
        ready = functional.relu(self.norm1(x), inplace=True)
        inner = functional.relu(self.norm2(self.conv1(ready)), inplace=True)
        return self.conv2(inner) + (x if self.shortcut is None else self.shortcut(ready))


class Wrn16x8(nn.Module):
    def __init__(self, classes):
        super().__init__()
        layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False)]
        width = 16
        for outputs, stride in [(128, 1), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]:
            layers.append(WideBlock(width, outputs, stride))
            width = outputs
        self.layers = nn.Sequential(*layers, nn.BatchNorm2d(width), nn.ReLU(inplace=True))
        self.dense = nn.Linear(width, classes)

    def forward(self, x):
        return self.dense(self.layers(x).mean((2, 3)))


def network(name, classes):
    if name == 'MobileNet-v1':
        return MobileNetV1(classes)
    if name == 'WRN-16-8':
        return Wrn16x8(classes)
    from torchvision import models

    return {'ResNet-18': models.resnet18, 'ResNet-50': models.resnet50}[name](num_classes=classes)


def main():
    name = sys.argv[1]
    batch, size, classes, threads = map(int, sys.argv[2:])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = network(name, classes).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    images = torch.randn(batch, 3, size, size)
    labels = torch.randint(0, classes, (batch,))
    print('ready', torch.__version__, flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        optimizer.zero_grad()
        functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
        print((time.perf_counter() - start) * 1e3, flush=True)


main()
