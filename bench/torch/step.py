"""Training steps of a network in PyTorch: one for each line on standard input, answered with its time and loss as JSON.

    /usr/bin/python3 step.py NETWORK BATCH SIZE CLASSES THREADS MATERIAL

MATERIAL holds float32 values: images, targets, and weights in the order in which a network's layers are made below.
"""

import json
import sys
import time

import numpy
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
            nn.ReLU6(inplace=True),
        )

    def forward(self, x):
        return self.dense(self.layers(x).mean((2, 3)))


class WideBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if inputs != outputs else None
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)

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


def read_material(file, model, batch, size, classes):
    """Sets the model's weights; gives images and the class of each."""
    values = torch.from_numpy(numpy.fromfile(file, numpy.float32))
    place = 0

    def take(*shape):
        nonlocal place
        count = numpy.prod(shape)
        place += count
        return values[place - count : place].reshape(shape)

    images = take(batch, 3, size, size)
    labels = take(batch, classes).argmax(1)
    with torch.no_grad():
        for weight in model.parameters():
            # A matrix is [in, out] in the file, [out, in] here.
            weight.copy_(take(*reversed(weight.shape)).T if weight.ndim == 2 else take(*weight.shape))
    if place != len(values):
        raise ValueError(f'{file} holds {len(values)} values, the model takes {place}')
    return images.clone(), labels


def main():
    name, *numbers, file = sys.argv[1:]
    batch, size, classes, threads = map(int, numbers)
    torch.set_num_threads(threads)
    model = network(name, classes).train()
    images, labels = read_material(file, model, batch, size, classes)
    model = model.to(memory_format=torch.channels_last)
    images = images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0001, momentum=0.9)
    print(json.dumps({'description': f'PyTorch {torch.__version__}'}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        milliseconds = (time.perf_counter() - start) * 1e3
        print(json.dumps({'milliseconds': milliseconds, 'loss': loss.item()}), flush=True)


main()
