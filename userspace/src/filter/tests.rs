use super::*;

const RETURN_ALL: Instruction = Instruction {
    code: 0x06,
    jump_true: 0,
    jump_false: 0,
    k: 262_144,
};

fn instruction(code: u16, k: u32) -> Instruction {
    Instruction {
        code,
        k,
        ..Instruction::default()
    }
}

fn program(instructions: &[Instruction]) -> Result<Vec<u64>, FilterError> {
    Filter::from_instructions("test", instructions.to_vec()).program(Hook::Tc, &Outcomes::default())
}

#[test]
fn what_is_no_program_is_refused() {
    for (what, instructions) in [
        ("nothing", vec![]),
        ("no return", vec![instruction(0x00, 1)]),
        ("a jump over the end", vec![instruction(0x05, 1), RETURN_ALL]),
        ("memory that there is not", vec![instruction(0x60, 16), RETURN_ALL]),
        ("division by 0", vec![instruction(0x34, 0), RETURN_ALL]),
        ("an operation that there is not", vec![instruction(0xb4, 1), RETURN_ALL]),
        ("too many", vec![instruction(0x00, 1); 5000]),
    ] {
        assert!(
            matches!(program(&instructions), Err(FilterError::TooLong { .. })),
            "{what}"
        );
    }
}

#[test]
fn what_is_never_reached_is_left_out() {
    let dead = [instruction(0x05, 1), instruction(0x34, 0), RETURN_ALL];
    assert_eq!(
        program(&dead).unwrap(),
        program(&[instruction(0x05, 0), RETURN_ALL]).unwrap()
    );
}

#[test]
fn a_jump_that_is_too_far_is_refused() {
    // Each load by X takes some 20 instructions at each of two places, and the jump goes over all of them.
    let mut long = vec![instruction(0x15, 7)];
    long[0].jump_true = 0;
    long.extend(vec![instruction(0x40, 7); 4000]);
    long.push(RETURN_ALL);
    assert!(matches!(program(&long), Err(FilterError::TooLong { .. })));
}
