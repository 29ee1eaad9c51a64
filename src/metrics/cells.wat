;; The sums of cells.ts, of 16 draws at once. scripts/assemble.ts makes cell-kernels.ts of it.
;;
;; $order holds the units of faces cell by cell, $ends the place in it behind the last face of each of $cells cells, at least
;; one. $weights holds 16 numbers of 16 bits for each unit by its index: how often each draw has it. Results are written draw
;; by draw, a number for each cell.
(module
  (memory (export "memory") 1)

  ;; Four numbers of 32 bits, one for each of four draws that are $apart bytes apart.
  (func $store4 (param $to i32) (param $apart i32) (param $four v128)
    (v128.store32_lane 0 (local.get $to) (local.get $four))
    (local.set $to (i32.add (local.get $to) (local.get $apart)))
    (v128.store32_lane 1 (local.get $to) (local.get $four))
    (local.set $to (i32.add (local.get $to) (local.get $apart)))
    (v128.store32_lane 2 (local.get $to) (local.get $four))
    (local.set $to (i32.add (local.get $to) (local.get $apart)))
    (v128.store32_lane 3 (local.get $to) (local.get $four)))

  ;; Two doubles, likewise.
  (func $store2 (param $to i32) (param $apart i32) (param $two v128)
    (v128.store64_lane 0 (local.get $to) (local.get $two))
    (v128.store64_lane 1 (i32.add (local.get $to) (local.get $apart)) (local.get $two)))

  ;; out[draw, cell] = Σ weight, of 32 bits.
  (func (export "countCells")
    (param $order i32) (param $ends i32) (param $cells i32) (param $weights i32) (param $out i32)
    (local $at i32) (local $stop i32) (local $last i32) (local $from i32) (local $apart i32) (local $some v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $at (local.get $order))
    (local.set $last (i32.add (local.get $ends) (i32.shl (local.get $cells) (i32.const 2))))
    (local.set $apart (i32.shl (local.get $cells) (i32.const 2)))
    (loop $each
      (local.set $stop (i32.add (local.get $order) (i32.shl (i32.load (local.get $ends)) (i32.const 2))))
      (local.set $a (v128.const i32x4 0 0 0 0))
      (local.set $b (local.get $a))
      (local.set $c (local.get $a))
      (local.set $d (local.get $a))
      (block $empty
        (br_if $empty (i32.ge_u (local.get $at) (local.get $stop)))
        (loop $faces
          (local.set $from
            (i32.add (local.get $weights) (i32.shl (i32.load (local.get $at)) (i32.const 5))))
          (local.set $some (v128.load (local.get $from)))
          (local.set $a (i32x4.add (local.get $a) (i32x4.extend_low_i16x8_u (local.get $some))))
          (local.set $b (i32x4.add (local.get $b) (i32x4.extend_high_i16x8_u (local.get $some))))
          (local.set $some (v128.load offset=16 (local.get $from)))
          (local.set $c (i32x4.add (local.get $c) (i32x4.extend_low_i16x8_u (local.get $some))))
          (local.set $d (i32x4.add (local.get $d) (i32x4.extend_high_i16x8_u (local.get $some))))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (br_if $faces (i32.lt_u (local.get $at) (local.get $stop)))))
      (call $store4 (local.get $out) (local.get $apart) (local.get $a))
      (call $store4 (i32.add (local.get $out) (i32.mul (local.get $apart) (i32.const 4))) (local.get $apart) (local.get $b))
      (call $store4 (i32.add (local.get $out) (i32.mul (local.get $apart) (i32.const 8))) (local.get $apart) (local.get $c))
      (call $store4 (i32.add (local.get $out) (i32.mul (local.get $apart) (i32.const 12))) (local.get $apart) (local.get $d))
      (local.set $out (i32.add (local.get $out) (i32.const 4)))
      (local.set $ends (i32.add (local.get $ends) (i32.const 4)))
      (br_if $each (i32.lt_u (local.get $ends) (local.get $last)))))

  ;; out[draw, cell] = Σ weight · value, doubles. $values holds a double for each place in the order.
  (func (export "sumCells")
    (param $order i32) (param $ends i32) (param $cells i32) (param $weights i32) (param $values i32) (param $out i32)
    (local $at i32) (local $stop i32) (local $last i32) (local $from i32) (local $apart i32)
    (local $some v128) (local $four v128) (local $value v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $e v128) (local $f v128) (local $g v128) (local $h v128)
    (local.set $at (local.get $order))
    (local.set $last (i32.add (local.get $ends) (i32.shl (local.get $cells) (i32.const 2))))
    (local.set $apart (i32.shl (local.get $cells) (i32.const 3)))
    (loop $each
      (local.set $stop (i32.add (local.get $order) (i32.shl (i32.load (local.get $ends)) (i32.const 2))))
      (local.set $a (v128.const i32x4 0 0 0 0))
      (local.set $b (local.get $a))
      (local.set $c (local.get $a))
      (local.set $d (local.get $a))
      (local.set $e (local.get $a))
      (local.set $f (local.get $a))
      (local.set $g (local.get $a))
      (local.set $h (local.get $a))
      (block $empty
        (br_if $empty (i32.ge_u (local.get $at) (local.get $stop)))
        (loop $faces
          (local.set $from
            (i32.add (local.get $weights) (i32.shl (i32.load (local.get $at)) (i32.const 5))))
          (local.set $value (v128.load64_splat (local.get $values)))
          (local.set $some (v128.load (local.get $from)))
          (local.set $four (i32x4.extend_low_i16x8_u (local.get $some)))
          (local.set $a
            (f64x2.add (local.get $a)
              (f64x2.mul (f64x2.convert_low_i32x4_s (local.get $four)) (local.get $value))))
          (local.set $four (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $four) (local.get $four)))
          (local.set $b
            (f64x2.add (local.get $b)
              (f64x2.mul (f64x2.convert_low_i32x4_s (local.get $four)) (local.get $value))))
          (local.set $four (i32x4.extend_high_i16x8_u (local.get $some)))
          (local.set $c
            (f64x2.add (local.get $c)
              (f64x2.mul (f64x2.convert_low_i32x4_s (local.get $four)) (local.get $value))))
          (local.set $four (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $four) (local.get $four)))
          (local.set $d
            (f64x2.add (local.get $d)
              (f64x2.mul (f64x2.convert_low_i32x4_s (local.get $four)) (local.get $value))))
          (local.set $some (v128.load offset=16 (local.get $from)))
          (local.set $four (i32x4.extend_low_i16x8_u (local.get $some)))
          (local.set $e
            (f64x2.add (local.get $e)
              (f64x2.mul (f64x2.convert_low_i32x4_s (local.get $four)) (local.get $value))))
          (local.set $four (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $four) (local.get $four)))
          (local.set $f
            (f64x2.add (local.get $f)
              (f64x2.mul (f64x2.convert_low_i32x4_s (local.get $four)) (local.get $value))))
          (local.set $four (i32x4.extend_high_i16x8_u (local.get $some)))
          (local.set $g
            (f64x2.add (local.get $g)
              (f64x2.mul (f64x2.convert_low_i32x4_s (local.get $four)) (local.get $value))))
          (local.set $four (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $four) (local.get $four)))
          (local.set $h
            (f64x2.add (local.get $h)
              (f64x2.mul (f64x2.convert_low_i32x4_s (local.get $four)) (local.get $value))))
          (local.set $values (i32.add (local.get $values) (i32.const 8)))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (br_if $faces (i32.lt_u (local.get $at) (local.get $stop)))))
      (call $store2 (local.get $out) (local.get $apart) (local.get $a))
      (call $store2 (i32.add (local.get $out) (i32.mul (local.get $apart) (i32.const 2))) (local.get $apart) (local.get $b))
      (call $store2 (i32.add (local.get $out) (i32.mul (local.get $apart) (i32.const 4))) (local.get $apart) (local.get $c))
      (call $store2 (i32.add (local.get $out) (i32.mul (local.get $apart) (i32.const 6))) (local.get $apart) (local.get $d))
      (call $store2 (i32.add (local.get $out) (i32.mul (local.get $apart) (i32.const 8))) (local.get $apart) (local.get $e))
      (call $store2 (i32.add (local.get $out) (i32.mul (local.get $apart) (i32.const 10))) (local.get $apart) (local.get $f))
      (call $store2 (i32.add (local.get $out) (i32.mul (local.get $apart) (i32.const 12))) (local.get $apart) (local.get $g))
      (call $store2 (i32.add (local.get $out) (i32.mul (local.get $apart) (i32.const 14))) (local.get $apart) (local.get $h))
      (local.set $out (i32.add (local.get $out) (i32.const 8)))
      (local.set $ends (i32.add (local.get $ends) (i32.const 4)))
      (br_if $each (i32.lt_u (local.get $ends) (local.get $last))))))
