;; The passes of resample.ts on 128-bit vectors. scripts/assemble.ts makes resample-kernels.ts of it.
(module
  (memory (export "memory") 1)

  ;; out[i] = Σ weight · row[i] − 2^15 over the rows of the list at $taps: pairs of an address of bytes and a weight. Sums
  ;; of 16 bits do for weights that add up to 256; less 2^15 they are signed, as blendColumns multiplies them. $bytes is
  ;; rounded up to a multiple of 16.
  (func (export "blendRows")
    (param $taps i32) (param $count i32) (param $bytes i32) (param $out i32)
    (local $at i32) (local $tap i32) (local $end i32)
    (local $low v128) (local $high v128) (local $pixels v128) (local $weight v128)
    (local.set $end (i32.add (local.get $taps) (i32.shl (local.get $count) (i32.const 3))))
    (loop $chunks
      (local.set $low (v128.const i16x8 -32768 -32768 -32768 -32768 -32768 -32768 -32768 -32768))
      (local.set $high (local.get $low))
      (local.set $tap (local.get $taps))
      (loop $rows
        (local.set $pixels (v128.load (i32.add (i32.load (local.get $tap)) (local.get $at))))
        (local.set $weight (v128.load16_splat offset=4 (local.get $tap)))
        (local.set $low
          (i16x8.add
            (local.get $low)
            (i16x8.mul (i16x8.extend_low_i8x16_u (local.get $pixels)) (local.get $weight))))
        (local.set $high
          (i16x8.add
            (local.get $high)
            (i16x8.mul (i16x8.extend_high_i8x16_u (local.get $pixels)) (local.get $weight))))
        (local.set $tap (i32.add (local.get $tap) (i32.const 8)))
        (br_if $rows (i32.lt_u (local.get $tap) (local.get $end))))
      (v128.store (local.get $out) (local.get $low))
      (v128.store offset=16 (local.get $out) (local.get $high))
      (local.set $out (i32.add (local.get $out) (i32.const 32)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $chunks (i32.lt_u (local.get $at) (local.get $bytes)))))

  ;; For each of $count pixels, the weighted sum of neighbours of 16-bit RGB from its own address in the list at $first on:
  ;; 32-bit RGB. Weights are of 16 bits, $pairs pairs for each pixel, and add up to 2^13: the sums begin at 2^15 · 2^13, which
  ;; blendRows has taken away. The fourth number of each vector belongs to the next pixel, which overwrites it.
  (func (export "blendColumns")
    (param $first i32) (param $weights i32) (param $pairs i32) (param $count i32) (param $out i32)
    (local $end i32) (local $from i32) (local $stop i32) (local $sum v128) (local $pixels v128)
    (local.set $end (i32.add (local.get $first) (i32.shl (local.get $count) (i32.const 2))))
    ;; The usual number, for a picture that shrinks, to half its size at most.
    (if (i32.eq (local.get $pairs) (i32.const 2))
      (then
        (loop $each
          (local.set $from (i32.load (local.get $first)))
          (v128.store (local.get $out)
            (i32x4.add
              (i32x4.add
                (v128.const i32x4 0x10000000 0x10000000 0x10000000 0x10000000)
                (i32x4.dot_i16x8_s
              (i8x16.shuffle 0 1 6 7 2 3 8 9 4 5 10 11 4 5 10 11
                (local.tee $pixels (v128.load offset=0 (local.get $from))) (local.get $pixels))
              (v128.load32_splat offset=0 (local.get $weights))))
                (i32x4.dot_i16x8_s
              (i8x16.shuffle 0 1 6 7 2 3 8 9 4 5 10 11 4 5 10 11
                (local.tee $pixels (v128.load offset=12 (local.get $from))) (local.get $pixels))
              (v128.load32_splat offset=4 (local.get $weights)))))
          (local.set $weights (i32.add (local.get $weights) (i32.const 8)))
          (local.set $out (i32.add (local.get $out) (i32.const 12)))
          (local.set $first (i32.add (local.get $first) (i32.const 4)))
          (br_if $each (i32.lt_u (local.get $first) (local.get $end))))
        (return)))
    (loop $each
      (local.set $from (i32.load (local.get $first)))
      (local.set $stop (i32.add (local.get $weights) (i32.shl (local.get $pairs) (i32.const 2))))
      (local.set $sum (v128.const i32x4 0x10000000 0x10000000 0x10000000 0x10000000))
      (loop $columns
        (local.set $pixels (v128.load (local.get $from)))
        ;; RGBRGB to RRGGBB, whose neighbours the dot product adds up.
        (local.set $pixels
          (i8x16.shuffle 0 1 6 7 2 3 8 9 4 5 10 11 4 5 10 11 (local.get $pixels) (local.get $pixels)))
        (local.set $sum
          (i32x4.add
            (local.get $sum)
            (i32x4.dot_i16x8_s (local.get $pixels) (v128.load32_splat (local.get $weights)))))
        (local.set $from (i32.add (local.get $from) (i32.const 12)))
        (local.set $weights (i32.add (local.get $weights) (i32.const 4)))
        (br_if $columns (i32.lt_u (local.get $weights) (local.get $stop))))
      (v128.store (local.get $out) (local.get $sum))
      (local.set $out (i32.add (local.get $out) (i32.const 12)))
      (local.set $first (i32.add (local.get $first) (i32.const 4)))
      (br_if $each (i32.lt_u (local.get $first) (local.get $end)))))

  ;; $count pixels of 32-bit RGB, each number times its gain plus its bias, as floats at $red, $green and $blue, $step bytes apart.
  ;; At $terms lie, each as two doubles: gains of red and green, biases of these, gain of blue twice, bias of blue twice.
  (func (export "writeTensor")
    (param $row i32) (param $count i32) (param $terms i32)
    (param $red i32) (param $green i32) (param $blue i32) (param $step i32)
    (local $end i32) (local $pixel v128) (local $two v128) (local $one v128)
    (local $gains v128) (local $biases v128) (local $gain v128) (local $bias v128)
    (local.set $gains (v128.load (local.get $terms)))
    (local.set $biases (v128.load offset=16 (local.get $terms)))
    (local.set $gain (v128.load offset=32 (local.get $terms)))
    (local.set $bias (v128.load offset=48 (local.get $terms)))
    (local.set $end (i32.add (local.get $row) (i32.mul (local.get $count) (i32.const 12))))
    (loop $each
      (local.set $pixel (v128.load (local.get $row)))
      (local.set $two
        (f32x4.demote_f64x2_zero
          (f64x2.add
            (f64x2.mul (f64x2.convert_low_i32x4_s (local.get $pixel)) (local.get $gains))
            (local.get $biases))))
      (local.set $one
        (f32x4.demote_f64x2_zero
          (f64x2.add
            (f64x2.mul
              (f64x2.convert_low_i32x4_s
                (i8x16.shuffle 8 9 10 11 8 9 10 11 8 9 10 11 8 9 10 11 (local.get $pixel) (local.get $pixel)))
              (local.get $gain))
            (local.get $bias))))
      (v128.store32_lane 0 (local.get $red) (local.get $two))
      (v128.store32_lane 1 (local.get $green) (local.get $two))
      (v128.store32_lane 0 (local.get $blue) (local.get $one))
      (local.set $red (i32.add (local.get $red) (local.get $step)))
      (local.set $green (i32.add (local.get $green) (local.get $step)))
      (local.set $blue (i32.add (local.get $blue) (local.get $step)))
      (local.set $row (i32.add (local.get $row) (i32.const 12)))
      (br_if $each (i32.lt_u (local.get $row) (local.get $end)))))

  ;; $count numbers of 2^21 each as bytes, rounded to nearest. $count is rounded up to a multiple of 16.
  (func (export "writeBytes") (param $row i32) (param $count i32) (param $out i32)
    (local $end i32) (local $half v128)
    (local.set $half (v128.const i32x4 0x100000 0x100000 0x100000 0x100000))
    (local.set $end (i32.add (local.get $out) (local.get $count)))
    (loop $each
      (v128.store (local.get $out)
        (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (i32x4.add (v128.load (local.get $row)) (local.get $half)) (i32.const 21))
            (i32x4.shr_s (i32x4.add (v128.load offset=16 (local.get $row)) (local.get $half)) (i32.const 21)))
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (i32x4.add (v128.load offset=32 (local.get $row)) (local.get $half)) (i32.const 21))
            (i32x4.shr_s (i32x4.add (v128.load offset=48 (local.get $row)) (local.get $half)) (i32.const 21)))))
      (local.set $row (i32.add (local.get $row) (i32.const 64)))
      (local.set $out (i32.add (local.get $out) (i32.const 16)))
      (br_if $each (i32.lt_u (local.get $out) (local.get $end)))))

  ;; $count samples of a line through a picture of 8-bit RGB, between its pixels: the first at ($x, $y), each ($stepX, $stepY)
  ;; after the one before, limited to 0..$lastX and 0..$lastY. Positions have 11 bits of fraction across and 10 down. $pixels
  ;; is where the picture's first pixel would be, from line to line $pitch bytes. 32-bit RGB; the fourth number of each vector
  ;; belongs to the next pixel, which overwrites it. A neighbour beyond the last column or line has no weight.
  (func (export "sampleLine")
    (param $pixels i32) (param $pitch i32) (param $count i32) (param $x f64) (param $y f64)
    (param $stepX f64) (param $stepY f64) (param $lastX f64) (param $lastY f64) (param $out i32)
    (local $end i32) (local $from i32) (local $column i32) (local $line i32)
    (local $start v128) (local $step v128) (local $last v128) (local $scale v128) (local $at v128) (local $index v128)
    (local $across v128) (local $top v128) (local $bottom v128)
    (local.set $start (f64x2.replace_lane 1 (f64x2.splat (local.get $x)) (local.get $y)))
    (local.set $step (f64x2.replace_lane 1 (f64x2.splat (local.get $stepX)) (local.get $stepY)))
    (local.set $last (f64x2.replace_lane 1 (f64x2.splat (local.get $lastX)) (local.get $lastY)))
    (local.set $scale (v128.const f64x2 2048 1024))
    (local.set $end (i32.add (local.get $out) (i32.mul (local.get $count) (i32.const 12))))
    (loop $each
      (local.set $at
        (i32x4.trunc_sat_f64x2_s_zero
          (f64x2.add
            (f64x2.mul
              (f64x2.pmin
                (local.get $last)
                (f64x2.pmax
                  (v128.const f64x2 0 0)
                  (f64x2.add (local.get $start) (f64x2.mul (local.get $step) (local.get $index)))))
              (local.get $scale))
            (v128.const f64x2 0.5 0.5))))
      (local.set $column (i32x4.extract_lane 0 (local.get $at)))
      (local.set $line (i32x4.extract_lane 1 (local.get $at)))
      (local.set $from
        (i32.add
          (local.get $pixels)
          (i32.add
            (i32.mul (i32.shr_u (local.get $line) (i32.const 10)) (local.get $pitch))
            (i32.mul (i32.shr_u (local.get $column) (i32.const 11)) (i32.const 3)))))
      (local.set $column (i32.and (local.get $column) (i32.const 2047)))
      (local.set $line (i32.and (local.get $line) (i32.const 1023)))
      (local.set $across
        (i32x4.splat
          (i32.or
            (i32.sub (i32.const 2048) (local.get $column))
            (i32.shl (local.get $column) (i32.const 16)))))
      ;; RGBRGB of 8 bits to RRGGBB of 16, whose neighbours the dot product adds up.
      (local.set $top
        (i8x16.shuffle 0 16 3 16 1 16 4 16 2 16 5 16 16 16 16 16
          (v128.load64_zero (local.get $from)) (v128.const i64x2 0 0)))
      (local.set $bottom
        (i8x16.shuffle 0 16 3 16 1 16 4 16 2 16 5 16 16 16 16 16
          (v128.load64_zero (i32.add (local.get $from) (local.get $pitch))) (v128.const i64x2 0 0)))
      (v128.store (local.get $out)
        (i32x4.add
          (i32x4.mul
            (i32x4.dot_i16x8_s (local.get $top) (local.get $across))
            (i32x4.splat (i32.sub (i32.const 1024) (local.get $line))))
          (i32x4.mul
            (i32x4.dot_i16x8_s (local.get $bottom) (local.get $across))
            (i32x4.splat (local.get $line)))))
      (local.set $index (f64x2.add (local.get $index) (v128.const f64x2 1 1)))
      (local.set $out (i32.add (local.get $out) (i32.const 12)))
      (br_if $each (i32.lt_u (local.get $out) (local.get $end)))))
  ;; The same as writeTensor for floats next to each other and a multiple of four pixels, four at a time.
  (func (export "writePlanes")
    (param $row i32) (param $count i32) (param $terms i32) (param $red i32) (param $green i32) (param $blue i32)
    (local $end i32) (local $a v128) (local $b v128) (local $c v128)
    (local $gainR v128) (local $gainG v128) (local $gainB v128)
    (local $biasR v128) (local $biasG v128) (local $biasB v128)
    (local.set $gainR (v128.load64_splat (local.get $terms)))
    (local.set $gainG (v128.load64_splat offset=8 (local.get $terms)))
    (local.set $biasR (v128.load64_splat offset=16 (local.get $terms)))
    (local.set $biasG (v128.load64_splat offset=24 (local.get $terms)))
    (local.set $gainB (v128.load64_splat offset=32 (local.get $terms)))
    (local.set $biasB (v128.load64_splat offset=48 (local.get $terms)))
    (local.set $end (i32.add (local.get $row) (i32.mul (local.get $count) (i32.const 12))))
    (loop $each
      (local.set $a (v128.load (local.get $row)))
      (local.set $b (v128.load offset=16 (local.get $row)))
      (local.set $c (v128.load offset=32 (local.get $row)))
      (v128.store (local.get $red)
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
          (f32x4.demote_f64x2_zero
              (f64x2.add
                (f64x2.mul
                  (f64x2.convert_low_i32x4_s
                    (i8x16.shuffle 0 1 2 3 12 13 14 15 0 1 2 3 12 13 14 15 (local.get $a) (local.get $b)))
                  (local.get $gainR))
                (local.get $biasR)))
          (f32x4.demote_f64x2_zero
              (f64x2.add
                (f64x2.mul
                  (f64x2.convert_low_i32x4_s
                    (i8x16.shuffle 8 9 10 11 20 21 22 23 8 9 10 11 20 21 22 23 (local.get $b) (local.get $c)))
                  (local.get $gainR))
                (local.get $biasR)))))
      (local.set $red (i32.add (local.get $red) (i32.const 16)))
      (v128.store (local.get $green)
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
          (f32x4.demote_f64x2_zero
              (f64x2.add
                (f64x2.mul
                  (f64x2.convert_low_i32x4_s
                    (i8x16.shuffle 4 5 6 7 16 17 18 19 4 5 6 7 16 17 18 19 (local.get $a) (local.get $b)))
                  (local.get $gainG))
                (local.get $biasG)))
          (f32x4.demote_f64x2_zero
              (f64x2.add
                (f64x2.mul
                  (f64x2.convert_low_i32x4_s
                    (i8x16.shuffle 12 13 14 15 24 25 26 27 12 13 14 15 24 25 26 27 (local.get $b) (local.get $c)))
                  (local.get $gainG))
                (local.get $biasG)))))
      (local.set $green (i32.add (local.get $green) (i32.const 16)))
      (v128.store (local.get $blue)
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
          (f32x4.demote_f64x2_zero
              (f64x2.add
                (f64x2.mul
                  (f64x2.convert_low_i32x4_s
                    (i8x16.shuffle 8 9 10 11 20 21 22 23 8 9 10 11 20 21 22 23 (local.get $a) (local.get $b)))
                  (local.get $gainB))
                (local.get $biasB)))
          (f32x4.demote_f64x2_zero
              (f64x2.add
                (f64x2.mul
                  (f64x2.convert_low_i32x4_s
                    (i8x16.shuffle 0 1 2 3 12 13 14 15 0 1 2 3 12 13 14 15 (local.get $c) (local.get $c)))
                  (local.get $gainB))
                (local.get $biasB)))))
      (local.set $blue (i32.add (local.get $blue) (i32.const 16)))
      (local.set $row (i32.add (local.get $row) (i32.const 48)))
      (br_if $each (i32.lt_u (local.get $row) (local.get $end))))))
